import { closeSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildContainer } from '../../compile/container.ts';
import { buildFunctions } from '../../compile/functions.ts';
import type { Watcher } from '../../compile/node-bundle.ts';
import { type Gateway, startGateway } from '../cloudbase/gateway.ts';
import { lockFolder } from '../cloudbase/storage/folder-lock.ts';
import type { WechatHost } from '../wechat/host.ts';
import { realAsrEnv } from './environment.ts';
import { ensureFree } from './free-port.ts';
import { LogFile } from './log-file.ts';
import { ManagedProcess, type ProcessSpec, ProcessStartError } from './managed-process.ts';
import { LOCAL_USERS, type LocalCloudOptions } from './options.ts';
import { startPage } from './page.ts';
import {
  asrEnv,
  asrProcess,
  containerDir,
  containerProcess,
  functionsDir,
  gatewayOptions,
  type LaunchContext,
  logPath,
  pageDir,
} from './process-specs.ts';
import { Restarts } from './restarts.ts';
import { removeRunning, writeRunning } from './running-file.ts';
import { localSecrets, secretsPath } from './secrets.ts';
import { watchSources } from './watch.ts';

export interface LocalCloud {
  /** For people: the page, or the container where there is no page. */
  url: string;
  urls: {
    page: string | null;
    /** The first container. */
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
  /** Processes: `asr`, `container-1`, … */
  parts: ReadonlyMap<string, ManagedProcess>;
  /** @throws Error for a name that is not there */
  part(name: string): ManagedProcess;
  pids(): Record<string, number | undefined>;
  /** The page's server, for cutting sockets. */
  page: WechatHost | undefined;
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
  const cloud = new Launcher(options);
  try {
    return await cloud.start();
  } catch (cause) {
    await cloud.stop();
    throw cause;
  }
}

class Launcher {
  readonly #options: LocalCloudOptions;
  readonly #dataDir: string;
  readonly #parts = new Map<string, ManagedProcess>();
  readonly #restarts = new Restarts();
  readonly #say: (line: string) => void;
  #builds: readonly Promise<unknown>[] = [];
  #page: WechatHost | undefined;
  #gateway: Promise<Gateway> | undefined;
  #watching: Promise<Watcher> | undefined;
  /** The start of recogniser, gateway and containers. */
  #services: Promise<unknown> | undefined;
  #reloading: Promise<void> | undefined;
  /** The container was built again since the restart under way began. */
  #reloadAgain = false;
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
    const context: LaunchContext = { dataDir: this.#dataDir, secrets, env, options: this.#options };

    this.#say('正在构建容器与云函数，启动本地服务……');
    const [containerBuilt, functionsBuilt] = this.#build(context);
    const services = this.#startServices(context, real, containerBuilt);
    this.#services = services;
    const [{ asr, gateway, containers }] = await Promise.all([services, functionsBuilt]);
    const container = containers[0] as string;
    if (this.#options.page ?? true)
      this.#page = await startPage({
        port,
        outDir: pageDir(context),
        containerUrls: () => containers,
        watch: this.#options.watch ?? false,
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
      stop: () => this.stop(),
      ended: this.#ended,
    };
  }

  /** @returns one promise for the container's build and one for the functions' */
  #build(context: LaunchContext): readonly [Promise<unknown>, Promise<unknown>] {
    const folders = { containerDir: containerDir(context), functionsDir: functionsDir(context) };
    if (this.#options.watch) {
      this.#watching = watchSources({
        ...folders,
        progress: this.#say,
        onContainer: () => this.#reloadContainers(),
      });
      this.#builds = [this.#watching];
      return [this.#watching, this.#watching];
    }
    const builds = [
      buildContainer({ outDir: folders.containerDir }),
      buildFunctions({ outDir: folders.functionsDir }),
    ] as const;
    this.#builds = builds;
    return builds;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#restarts.cancel();
    await (await this.#watching?.catch(() => undefined))?.dispose();
    if (this.#unlock) removeRunning(this.#dataDir);
    await this.#page?.stop();
    // Containers first: they hand their sessions over to the database.
    const parts = [...this.#parts.values()];
    const isContainer = (part: ManagedProcess): boolean => part.spec.name.startsWith('container');
    await Promise.all(parts.filter(isContainer).map((part) => part.stop()));
    const gateway = await this.#gateway?.catch(() => undefined);
    await Promise.all([gateway?.stop(), ...parts.map((part) => part.stop())]);
    await this.#reloading;
    // The next one builds into the same folders.
    await Promise.allSettled(this.#builds);
    this.#unlock?.();
    this.#end(this.#trouble);
  }

  /** The speech service first: functions and containers are told where it is. */
  async #startServices(context: LaunchContext, real: boolean, containerBuilt: Promise<unknown>) {
    const [asr] = await Promise.all([
      real ? undefined : this.#startPart(asrProcess(context)),
      containerBuilt,
    ]);
    const speech = asrEnv(context, asr?.url);
    const gateway = await this.#startGateway(context, speech);
    const containers = await this.#startContainers(context, speech, gateway.url);
    return { asr, gateway, containers };
  }

  async #startContainers(
    context: LaunchContext,
    speech: Record<string, string>,
    gatewayUrl: string,
  ): Promise<string[]> {
    const { containers: count = 1, inspectPort } = this.#options;
    const port = this.#options.page === false && count === 1 ? (this.#options.port ?? 0) : 0;
    const specs = Array.from({ length: count }, (_, i) =>
      containerProcess(context, speech, {
        name: `container-${i + 1}`,
        port,
        gatewayUrl,
        inspectPort: inspectPort === undefined ? undefined : inspectPort + i,
      }),
    );
    const parts = await Promise.all(specs.map((spec) => this.#startPart(spec)));
    if (inspectPort !== undefined)
      parts.forEach((part, i) => {
        this.#say(`  ${part.spec.label}的调试端口：127.0.0.1:${inspectPort + i}`);
      });
    return parts.map((part) => part.url);
  }

  /** In this process: functions run in threads, so that a crash of theirs ends none but their own. */
  async #startGateway(context: LaunchContext, speech: Record<string, string>): Promise<Gateway> {
    this.#ensureWanted();
    const log = new LogFile(logPath(context, 'gateway'));
    closeSync(log.open());
    this.#gateway = startGateway({
      ...gatewayOptions(context, speech),
      log: (entry) => log.append(entry),
    });
    const gateway = await this.#gateway;
    this.#say(`  本地云开发网关：${gateway.url}`);
    return gateway;
  }

  /** Somebody asked to stop, or something else failed: nothing more is started. */
  #ensureWanted(): void {
    if (this.#stopping) throw new Error(this.#trouble ?? '启动已取消');
  }

  async #startPart(spec: ProcessSpec): Promise<ManagedProcess> {
    this.#ensureWanted();
    const part = new ManagedProcess(spec, (dead, how) => this.#died(dead, how));
    this.#parts.set(spec.name, part);
    await part.start();
    this.#say(`  ${spec.label}：${part.url}`);
    return part;
  }

  #part(name: string): ManagedProcess {
    const part = this.#parts.get(name);
    if (!part) throw new Error(`there is no part ${name}`);
    return part;
  }

  #died(part: ManagedProcess, how: string): void {
    if (this.#stopping) return;
    const report = [`${part.spec.label}意外退出（${how}）。日志：${part.spec.logPath}`, ...part.lastLines];
    const restart = this.#options.restartContainers && part.spec.name.startsWith('container');
    if (!restart) this.#fail(report.join('\n'));
    else if (this.#restarts.schedule(part.spec.name, () => this.#restart(part)))
      this.#say([...report, '正在重新启动……'].join('\n'));
    else if (this.#options.watch) this.#say([...report, '反复退出，等源码改动后再启动。'].join('\n'));
    else this.#fail([...report, '反复退出，不再重启。'].join('\n'));
  }

  /** After a build: one container after the other hands its sessions over and starts again with the new code. */
  #reloadContainers(): void {
    this.#reloadAgain = true;
    this.#reloading ??= this.#reload().finally(() => {
      this.#reloading = undefined;
    });
  }

  async #reload(): Promise<void> {
    // a failed start ends everything
    await this.#services?.catch(() => undefined);
    while (this.#reloadAgain) {
      this.#reloadAgain = false;
      for (const part of this.#parts.values()) {
        if (!part.spec.name.startsWith('container')) continue;
        this.#restarts.reset(part.spec.name);
        await part.stop();
        if (this.#stopping) return;
        await this.#restart(part);
      }
    }
  }

  async #restart(part: ManagedProcess): Promise<void> {
    if (part.running) return;
    try {
      await part.start();
      this.#say(`  ${part.spec.label}已恢复`);
    } catch (cause) {
      if (cause instanceof ProcessStartError) this.#died(part, '重启失败');
      else this.#fail(String(cause));
    }
  }

  #fail(reason: string): void {
    this.#trouble = reason;
    void this.stop();
  }
}
