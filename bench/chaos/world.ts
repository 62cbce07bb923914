import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildContainer } from '../../compile/container.ts';
import { Random } from '../../lib/random.ts';
import { type Balancer, startBalancer } from '../../local/launch/balancer.ts';
import { localAsrEnv } from '../../local/launch/environment.ts';
import { Part } from '../../local/launch/part.ts';
import { asrPart, containerDir, containerPart, gatewayPart, type Setting } from '../../local/launch/parts.ts';
import { localSecrets } from '../../local/launch/secrets.ts';
import { type BreakName, brokenBy } from './breaks.ts';
import { FaultProxy } from './proxy.ts';
import type { Timeline } from './timeline.ts';

/** Sentences are forced to end at this length, so that hurried speech goes beyond it. */
const ASR_MAX_SPEAK_MS = 20_000;
/** Each client says who it is, so that a container's connections can be told apart; the container ignores it. */
export const SPEAKER_HEADER = 'x-chaos-speaker';

/** One container instance with the links around it. */
export interface Instance {
  part: Part;
  /** Between the balancer and it: labelled with the speaker. */
  ingress: FaultProxy;
  /** Labelled with the voice id. */
  asrLink: FaultProxy;
  databaseLink: FaultProxy;
}

export interface World {
  instances: readonly Instance[];
  /** One link per speaker, in front of the balancer. */
  clientLinks: readonly FaultProxy[];
  asrUrl: string;
  gatewayUrl: string;
  /** What each upstream connection received. */
  recordDir: string;
  ticketSecret: string;
  /** Starts a container that was ended, with its log kept. */
  restart(instance: Instance): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Everything of this run goes here; it is new. */
  dataDir: string;
  containers: number;
  speakers: number;
  seed: number;
  timeline: Timeline;
  broken?: BreakName | undefined;
}

const speakerOf = (head: string): string =>
  new RegExp(`${SPEAKER_HEADER}: (\\d+)`, 'i').exec(head)?.[1] ?? '';
const voiceIdOf = (head: string): string => /[?&]voice_id=([^&\s]+)/.exec(head)?.[1] ?? '';
const portOf = (url: string): number => Number(new URL(url).port);
const httpOn = (port: number): string => `http://127.0.0.1:${port}`;

/**
 * Starts database, speech service, containers and balancer as processes of their own, with a fault proxy on every link.
 * @throws PartFailed when a process does not start; nothing is left running then
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const builder = new Builder(options);
  try {
    return await builder.build();
  } catch (cause) {
    await builder.stop();
    throw cause;
  }
}

class Builder {
  readonly #options: WorldOptions;
  readonly #parts: Part[] = [];
  readonly #proxies: FaultProxy[] = [];
  readonly #random: Random;
  #balancer: Balancer | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = new Random(`links/${options.seed}`);
  }

  async build(): Promise<World> {
    const { dataDir, containers, speakers, broken } = this.#options;
    const secrets = await localSecrets(dataDir);
    const recordDir = join(dataDir, 'heard');
    const containerEnv = { ASR_MAX_SPEAK_MS: String(ASR_MAX_SPEAK_MS) };
    const setting: Setting = {
      dataDir,
      secrets,
      env: process.env,
      options: { asrRecordDir: recordDir, containerEnv },
    };
    const [asr, gateway] = await Promise.all([
      this.#start(asrPart(setting)),
      this.#start(gatewayPart(setting, {})),
      buildContainer({ outDir: containerDir(setting), plugins: broken ? [brokenBy(broken)] : [] }),
    ]);
    const instances = await Promise.all(
      Array.from({ length: containers }, (_, i) =>
        this.#instance(setting, `container-${i + 1}`, asr.url, gateway.url),
      ),
    );
    this.#balancer = await startBalancer(instances.map(({ ingress }) => httpOn(ingress.port)));
    const { port } = this.#balancer;
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

  async #instance(setting: Setting, name: string, asrUrl: string, gatewayUrl: string): Promise<Instance> {
    const { timeline } = this.#options;
    const asrLink = await this.#proxy(`${name}-asr`, portOf(asrUrl), {
      labelOf: voiceIdOf,
      opened: ({ label }) => label && timeline.note(name, 'upstream opened', { voiceId: label }),
      closed: ({ label }) => label && timeline.note(name, 'upstream closed', { voiceId: label }),
    });
    const databaseLink = await this.#proxy(`${name}-database`, portOf(gatewayUrl), {});
    const asr = localAsrEnv(setting.secrets, httpOn(asrLink.port));
    const part = await this.#start(
      containerPart(setting, asr, { name, port: 0, gatewayUrl: httpOn(databaseLink.port) }),
    );
    const ingress = await this.#proxy(`${name}-ingress`, portOf(part.url), { labelOf: speakerOf });
    return { part, ingress, asrLink, databaseLink };
  }

  async #start(spec: Part['spec']): Promise<Part> {
    const part = new Part(spec, (dead, how) => this.#died(dead, how));
    this.#parts.push(part);
    await part.start();
    return part;
  }

  async #proxy(
    name: string,
    targetPort: number,
    more: Partial<Parameters<typeof FaultProxy.start>[0]>,
  ): Promise<FaultProxy> {
    const random = this.#random.fork(name);
    const proxy = await FaultProxy.start({ targetPort, random: () => random.next(), ...more });
    this.#proxies.push(proxy);
    return proxy;
  }

  async #restart({ part }: Instance): Promise<void> {
    this.#keepLog(part);
    await part.start();
  }

  /** A part begins each start with an empty log. */
  #keepLog({ spec }: Part): void {
    const kept = join(this.#options.dataDir, 'logs', `${spec.name}.whole.log`);
    try {
      appendFileSync(kept, readFileSync(spec.logPath));
    } catch {
      // it never came so far as to have a log
    }
  }

  /** Nobody asked it to end: that is a finding. */
  #died(part: Part, how: string): void {
    if (this.#stopping) return;
    this.#options.timeline.note(part.spec.name, 'crashed', { how, lastLines: part.lastLines });
  }
}
