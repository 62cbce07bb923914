import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildContainer } from '../../compile/container.ts';
import { buildFunctions } from '../../compile/functions.ts';
import { lockFolder } from '../cloudbase/storage/folder-lock.ts';
import type { WechatHost } from '../wechat/host.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { realAsrEnv } from './environment.ts';
import { ensureFree } from './free-port.ts';
import { LOCAL_USERS, type LocalCloudOptions } from './options.ts';
import { startPage } from './page.ts';
import { Part, PartFailed, type PartSpec } from './part.ts';
import {
  asrEnv,
  asrPart,
  containerDir,
  containerPart,
  functionsDir,
  gatewayPart,
  pageDir,
  type Setting,
} from './parts.ts';
import { Restarts } from './restarts.ts';
import { removeRunning, writeRunning } from './running-file.ts';
import { localSecrets, secretsPath } from './secrets.ts';

export interface LocalCloud {
  /** For people: the page, or the container where there is no page. */
  url: string;
  urls: {
    page: string | null;
    /** Where clients connect: the container, or the balancer in front of several. */
    container: string;
    containers: string[];
    gateway: string;
    /** null: the real service. */
    asr: string | null;
  };
  dataDir: string;
  /** Signs tickets for this cloud. */
  ticketSecret: string;
  /** Openids by name. */
  users: Readonly<Record<string, string>>;
  /** Processes: `gateway`, `asr`, `container-1`, … */
  parts: ReadonlyMap<string, Part>;
  /** @throws Error for a name that is not there */
  part(name: string): Part;
  pids(): Record<string, number | undefined>;
  /** The page's server, for cutting sockets. */
  page: WechatHost | undefined;
  balancer: Balancer | undefined;
  /** Ends all parts, the page first. Safe to call again. */
  stop(): Promise<void>;
  /** Resolves when everything has ended: with the reason if nobody asked for it. */
  ended: Promise<string | undefined>;
}

/**
 * Builds and starts the whole cloud on this machine: speech service, CloudBase, containers and the mini-program's page.
 * @throws Error in words for people; nothing is left running then
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const cloud = new Launch(options);
  try {
    return await cloud.start();
  } catch (cause) {
    await cloud.stop();
    throw cause;
  }
}

class Launch {
  readonly #options: LocalCloudOptions;
  readonly #dataDir: string;
  readonly #parts = new Map<string, Part>();
  readonly #restarts = new Restarts();
  readonly #say: (line: string) => void;
  #builds: Promise<unknown>[] = [];
  #page: WechatHost | undefined;
  #balancer: Balancer | undefined;
  /** Lets go of the data folder; undefined: it is not ours. */
  #unlock: (() => void) | undefined;
  #stopping: Promise<void> | undefined;
  #trouble: string | undefined;
  #end: (reason: string | undefined) => void = () => {};
  readonly #ended = new Promise<string | undefined>((end) => {
    this.#end = end;
  });

  constructor(options: LocalCloudOptions) {
    this.#options = options;
    this.#dataDir = resolve(options.dataDir ?? '.local');
    this.#say = options.onProgress ?? (() => {});
    options.signal?.addEventListener('abort', () => void this.stop(), { once: true });
  }

  async start(): Promise<LocalCloud> {
    const { port = 0, env = process.env } = this.#options;
    const real = realAsrEnv(env) !== undefined;
    await ensureFree(port);
    mkdirSync(this.#dataDir, { recursive: true });
    this.#unlock = lockFolder(this.#dataDir);
    const secrets = await localSecrets(this.#dataDir);
    const setting: Setting = { dataDir: this.#dataDir, secrets, env, options: this.#options };

    this.#say('正在构建容器与云函数，启动本地服务……');
    const containerBuilt = buildContainer({ outDir: containerDir(setting) });
    const functionsBuilt = buildFunctions({ outDir: functionsDir(setting) });
    this.#builds = [containerBuilt, functionsBuilt];
    const [{ asr, gateway, containers }] = await Promise.all([
      this.#startServices(setting, real, containerBuilt),
      functionsBuilt,
    ]);
    if (containers.length > 1) this.#balancer = await startBalancer(containers);
    const container = this.#balancer?.url ?? (containers[0] as string);
    if (this.#options.page ?? true)
      this.#page = await startPage({
        port,
        outDir: pageDir(setting),
        containerUrl: container,
        gatewayUrl: gateway.url,
        phraseBank: !real && this.#options.asrModel === undefined,
      });
    if (this.#stopping) await this.#page?.stop();
    this.#ensureWanted();

    const urls = {
      page: this.#page?.url ?? null,
      container,
      containers,
      gateway: gateway.url,
      asr: asr?.url ?? null,
    };
    const url = urls.page ?? container;
    writeRunning(this.#dataDir, {
      pid: process.pid,
      url,
      container,
      gateway: urls.gateway,
      asr: urls.asr,
      secretsFile: secretsPath(this.#dataDir),
      users: { ...LOCAL_USERS },
    });
    return {
      url,
      urls,
      dataDir: this.#dataDir,
      ticketSecret: secrets.ticketSecret,
      users: LOCAL_USERS,
      parts: this.#parts,
      part: (name) => this.#part(name),
      pids: () => Object.fromEntries([...this.#parts].map(([name, part]) => [name, part.pid])),
      page: this.#page,
      balancer: this.#balancer,
      stop: () => this.stop(),
      ended: this.#ended,
    };
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#restarts.cancel();
    if (this.#unlock) removeRunning(this.#dataDir);
    await this.#page?.stop();
    // Containers first: they hand their sessions over to the database.
    const parts = [...this.#parts.values()];
    const isContainer = (part: Part): boolean => part.spec.name.startsWith('container');
    await Promise.all(parts.filter(isContainer).map((part) => part.stop()));
    await this.#balancer?.close();
    await Promise.all(parts.map((part) => part.stop()));
    // The next one builds into the same folders.
    await Promise.allSettled(this.#builds);
    this.#unlock?.();
    this.#end(this.#trouble);
  }

  /** The speech service first: functions and containers are told where it is. */
  async #startServices(setting: Setting, real: boolean, containerBuilt: Promise<unknown>) {
    const [asr] = await Promise.all([real ? undefined : this.#startPart(asrPart(setting)), containerBuilt]);
    const speech = asrEnv(setting, asr?.url);
    const gateway = await this.#startPart(gatewayPart(setting, speech));
    const containers = await this.#startContainers(setting, speech, gateway.url);
    return { asr, gateway, containers };
  }

  async #startContainers(
    setting: Setting,
    speech: Record<string, string>,
    gatewayUrl: string,
  ): Promise<string[]> {
    const count = this.#options.containers ?? 1;
    const port = this.#options.page === false && count === 1 ? (this.#options.port ?? 0) : 0;
    const specs = Array.from({ length: count }, (_, i) =>
      containerPart(setting, speech, { name: `container-${i + 1}`, port, gatewayUrl }),
    );
    const parts = await Promise.all(specs.map((spec) => this.#startPart(spec)));
    return parts.map((part) => part.url);
  }

  /** Somebody asked to stop, or something else failed: nothing more is started. */
  #ensureWanted(): void {
    if (this.#stopping) throw new Error(this.#trouble ?? '启动已取消');
  }

  async #startPart(spec: PartSpec): Promise<Part> {
    this.#ensureWanted();
    const part = new Part(spec, (dead, how) => this.#died(dead, how));
    this.#parts.set(spec.name, part);
    await part.start();
    this.#say(`  ${spec.label}：${part.url}`);
    return part;
  }

  #part(name: string): Part {
    const part = this.#parts.get(name);
    if (!part) throw new Error(`there is no part ${name}`);
    return part;
  }

  #died(part: Part, how: string): void {
    if (this.#stopping) return;
    const report = [`${part.spec.label}意外退出（${how}）。日志：${part.spec.logPath}`, ...part.lastLines];
    const restart = this.#options.restartContainers && part.spec.name.startsWith('container');
    if (!restart) this.#fail(report.join('\n'));
    else if (this.#restarts.schedule(part.spec.name, () => this.#restart(part)))
      this.#say([...report, '正在重新启动……'].join('\n'));
    else this.#fail([...report, '反复退出，不再重启。'].join('\n'));
  }

  async #restart(part: Part): Promise<void> {
    try {
      await part.start();
      this.#say(`  ${part.spec.label}已恢复`);
    } catch (cause) {
      if (cause instanceof PartFailed) this.#died(part, '重启失败');
      else this.#fail(String(cause));
    }
  }

  #fail(reason: string): void {
    this.#trouble = reason;
    void this.stop();
  }
}
