import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildContainer } from '../../compile/container.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import { Random } from '../../lib/random.ts';
import { inheritedEnv, localAsrEnv } from '../../local/launch/environment.ts';
import { ManagedProcess, type ProcessSpec } from '../../local/launch/managed-process.ts';
import {
  asrProcess,
  containerDir,
  containerProcess,
  gatewayOptions,
  type LaunchContext,
  logPath,
  portOfReadyLine,
} from '../../local/launch/process-specs.ts';
import { localSecrets } from '../../local/launch/secrets.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { type MutationName, mutationPlugin } from './mutations.ts';
import { FaultProxy, type ProxyInit } from './proxy.ts';
import type { Timeline } from './timeline.ts';

const READY_WITHIN_MS = 20_000;
const READY_POLL_MS = 50;
/** What the timeline says about a process that ended by itself. */
const CRASHED = 'crashed';
/** Request header with the speaker's number, by which the proxies label connections; the container ignores it. */
export const SPEAKER_HEADER = 'x-chaos-speaker';

/** One container instance with its links. */
export interface Instance {
  part: ManagedProcess;
  /** From the balancer; connections are labelled with the speaker's number. */
  ingress: FaultProxy;
  /** To the recogniser; connections are labelled with the voice id. */
  asrLink: FaultProxy;
  databaseLink: FaultProxy;
}

/** All processes of a run, with a fault proxy on every link. */
export interface Cluster {
  instances: readonly Instance[];
  /** One link per speaker, to the balancer. */
  clientLinks: readonly FaultProxy[];
  asrUrl: string;
  gatewayUrl: string;
  /** The recogniser writes here what each upstream connection received: `<voice id>.pcm`. */
  recordDir: string;
  ticketSecret: string;
  /** Whether the balancer gives it new connections. */
  takesNew(instance: Instance): boolean;
  /** Starts a container again that was killed; its log so far is kept. */
  restart(instance: Instance): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** An empty folder for everything that the run writes. */
  dataDir: string;
  containers: number;
  speakers: number;
  seed: number;
  /** Limit for one sentence, at which the container has the recogniser force its end, ms. */
  maxSpeakMs: number;
  timeline: Timeline;
  /** Builds the container with one of its rules removed. */
  mutation?: MutationName | undefined;
}

const speakerOf = (head: string): string =>
  new RegExp(`${SPEAKER_HEADER}: (\\d+)`, 'i').exec(head)?.[1] ?? '';
const voiceIdOf = (head: string): string => /[?&]voice_id=([^&\s]+)/.exec(head)?.[1] ?? '';
const portOf = (url: string): number => Number(new URL(url).port);
const httpOn = (port: number): string => `http://127.0.0.1:${port}`;

/**
 * Starts gateway (database), recogniser and containers as processes, with a balancer in front and a fault proxy on every link.
 * @throws ProcessStartError when a process does not start; nothing is left running then
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const builder = new ClusterBuilder(options);
  try {
    return await builder.build();
  } catch (cause) {
    await builder.stop();
    throw cause;
  }
}

/** An instance is ready once it has reached the database; without both, the first session may begin on either. */
async function allHealthy(balancer: Balancer, containers: number): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (balancer.healthy.length < containers) {
    if (performance.now() > deadline) throw new Error('the containers do not become ready');
    await sleep(systemClock, READY_POLL_MS);
  }
}

/** Sets as arrays. */
const asJson = (_key: string, value: unknown): unknown => (value instanceof Set ? [...value] : value);

/** A process here, so that its work does not delay the speakers. */
const gatewayProcess = (context: LaunchContext): ProcessSpec => ({
  name: 'gateway',
  label: '本地云开发网关',
  script: fileURLToPath(new URL('../../local/cloudbase/testing/main.ts', import.meta.url)),
  port: 0,
  args: () => ['--log'],
  env: () => ({
    ...inheritedEnv(context.env),
    LOCAL_CLOUDBASE: JSON.stringify(gatewayOptions(context, {}), asJson),
  }),
  portFrom: portOfReadyLine,
  logPath: logPath(context, 'gateway'),
});

/** Processes that ended by themselves, each with its last log lines. */
export const crashesIn = ({ entries }: Timeline): string[] =>
  entries
    .filter(({ what }) => what === CRASHED)
    .map(({ who, how, lastLines }) => `${who}: ${String(how)}\n${(lastLines as string[]).join('\n')}`);

class ClusterBuilder {
  readonly #options: ClusterOptions;
  readonly #parts: ManagedProcess[] = [];
  readonly #proxies: FaultProxy[] = [];
  readonly #random: Random;
  #balancer: Balancer | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#random = new Random(`links/${options.seed}`);
  }

  async build(): Promise<Cluster> {
    const { dataDir, containers, speakers, maxSpeakMs, mutation } = this.#options;
    const secrets = await localSecrets(dataDir);
    const recordDir = join(dataDir, 'heard');
    // Streams are shared by leases, as where it is deployed.
    const containerEnv = { ASR_MAX_SPEAK_MS: String(maxSpeakMs), RECOGNISER_STREAMS: '190' };
    const context: LaunchContext = {
      dataDir,
      secrets,
      env: process.env,
      options: { asrRecordDir: recordDir, containerEnv },
    };
    const [asr, gateway] = await Promise.all([
      this.#start(asrProcess(context)),
      this.#start(gatewayProcess(context)),
      buildContainer({ outDir: containerDir(context), plugins: mutation ? [mutationPlugin(mutation)] : [] }),
    ]);
    const instances = await Promise.all(
      Array.from({ length: containers }, (_, i) =>
        this.#instance(context, `container-${i + 1}`, asr.url, gateway.url),
      ),
    );
    const balancer = await startBalancer(instances.map(({ ingress }) => ingress.port));
    this.#balancer = balancer;
    await allHealthy(balancer, containers);
    const { port } = balancer;
    const clientLinks = await Promise.all(
      Array.from({ length: speakers }, (_, i) => this.#proxy(`client-${i}`, port, {})),
    );
    return {
      instances,
      clientLinks,
      asrUrl: asr.url,
      gatewayUrl: gateway.url,
      recordDir,
      ticketSecret: secrets.ticketSecret,
      takesNew: ({ ingress }) => balancer.healthy.includes(ingress.port),
      restart: (instance) => this.#restart(instance),
      stop: () => this.stop(),
    };
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#balancer?.close();
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await Promise.all(this.#parts.map((part) => part.stop()));
    for (const part of this.#parts) this.#keepLog(part);
  }

  async #instance(
    context: LaunchContext,
    name: string,
    asrUrl: string,
    gatewayUrl: string,
  ): Promise<Instance> {
    const { timeline } = this.#options;
    const asrLink = await this.#proxy(`${name}-asr`, portOf(asrUrl), {
      labelOf: voiceIdOf,
      onOpened: ({ label }) => label && timeline.add(name, 'upstream opened', { voiceId: label }),
      onClosed: ({ label }) => label && timeline.add(name, 'upstream closed', { voiceId: label }),
    });
    const databaseLink = await this.#proxy(`${name}-database`, portOf(gatewayUrl), {});
    const asr = localAsrEnv(context.secrets, httpOn(asrLink.port));
    const part = await this.#start(
      containerProcess(context, asr, { name, port: 0, gatewayUrl: httpOn(databaseLink.port) }),
    );
    const ingress = await this.#proxy(`${name}-ingress`, portOf(part.url), { labelOf: speakerOf });
    return { part, ingress, asrLink, databaseLink };
  }

  async #start(spec: ManagedProcess['spec']): Promise<ManagedProcess> {
    const part = new ManagedProcess(spec, (how) => this.#onDeath(part, how));
    this.#parts.push(part);
    await part.start();
    return part;
  }

  async #proxy(name: string, targetPort: number, more: Partial<ProxyInit>): Promise<FaultProxy> {
    const random = this.#random.fork(name);
    const proxy = await FaultProxy.start({ target: () => targetPort, random: random.next, ...more });
    this.#proxies.push(proxy);
    return proxy;
  }

  async #restart({ part }: Instance): Promise<void> {
    this.#keepLog(part);
    await part.start();
  }

  /** Appends a part's log to `logs/<name>.whole.log`, because each start of a part empties its log. */
  #keepLog({ spec }: ManagedProcess): void {
    const path = join(this.#options.dataDir, 'logs', `${spec.name}.whole.log`);
    try {
      appendFileSync(path, readFileSync(spec.logPath));
    } catch {
      // it failed before it had a log
    }
  }

  /** A process ended by itself: reported as a crash. */
  #onDeath(part: ManagedProcess, how: string): void {
    if (this.#stopping) return;
    this.#options.timeline.add(part.spec.name, CRASHED, { how, lastLines: part.lastLines });
  }
}
