import { closeSync, mkdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { DEV_BUILD } from '../../compile/build-id.ts';
import { buildContainer } from '../../compile/container.ts';
import { buildFunctions } from '../../compile/functions.ts';
import type { Watcher } from '../../compile/node-bundle.ts';
import { CoalescedTask } from '../../lib/coalesced-task.ts';
import { Deferred } from '../../lib/deferred.ts';
import { type Gateway, startGateway } from '../cloudbase/gateway.ts';
import { lockFolder } from '../cloudbase/storage/lock-file.ts';
import type { WechatHost } from '../wechat/host.ts';
import { realAsrEnv, settingProblems } from './environment.ts';
import { ensurePortFree } from './free-port.ts';
import { LogFile } from './log-file.ts';
import { ManagedProcess, type ProcessSpec } from './managed-process.ts';
import { LOCAL_USERS, type LocalCloudOptions } from './options.ts';
import { type SpeechSource, startPage } from './page.ts';
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
import { removeRunning, writeRunning } from './running-file.ts';
import { localSecrets, secretsPath } from './secrets.ts';
import { SupervisedContainer } from './supervised-container.ts';
import { watchSources } from './watch.ts';

export interface LocalCloud {
  /** To open in a browser: the page; without a page the container. */
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
  /** Processes by name: `asr`, `container-1`, … */
  processes: ReadonlyMap<string, ManagedProcess>;
  /** @throws Error when there is no process of this name */
  process(name: string): ManagedProcess;
  /** The page's server, for cutting sockets. */
  page: WechatHost | undefined;
  /** Ends everything, the page first. Safe to call again. */
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

/** What is printed at the start. */
const SPEECH_NAMES: Readonly<Record<SpeechSource['kind'], string>> = {
  phrases: '短语库（只认识 samples/ 里的句子）；npm run asr-model 下载一个识别任意话的模型',
  model: '模型 ',
  real: '腾讯云（设置了 TENCENT_*）',
};

const speechSource = (real: boolean, model: string | undefined): SpeechSource => {
  if (real) return { kind: 'real' };
  return model === undefined ? { kind: 'phrases' } : { kind: 'model', name: basename(resolve(model)) };
};

class Launcher {
  readonly #options: LocalCloudOptions;
  readonly #dataDir: string;
  readonly #processes = new Map<string, ManagedProcess>();
  readonly #containers: SupervisedContainer[] = [];
  readonly #rollingRestart = new CoalescedTask(() => this.#restartEachContainer());
  readonly #report: (line: string) => void;
  #builds: readonly Promise<unknown>[] = [];
  #page: WechatHost | undefined;
  #gateway: Promise<Gateway> | undefined;
  #watcher: Promise<Watcher> | undefined;
  /** The start of recogniser, gateway and containers. */
  #services: Promise<unknown> | undefined;
  /** Removes the lock file; undefined: the data folder is not locked by us. */
  #unlock: (() => void) | undefined;
  #stopping: Promise<void> | undefined;
  /** Why everything is being stopped though nobody asked for it. */
  #failure: string | undefined;
  readonly #ended = new Deferred<string | undefined>();

  constructor(options: LocalCloudOptions) {
    this.#options = options;
    this.#dataDir = resolve(options.dataDir ?? '.local');
    this.#report = options.onProgress ?? (() => {});
    options.signal?.addEventListener('abort', () => void this.stop(), { once: true });
  }

  async start(): Promise<LocalCloud> {
    const { port = 0, env = process.env } = this.#options;
    const problems = settingProblems(env);
    if (problems.length > 0)
      throw new Error(`设置有误，什么也没有启动：\n${problems.map((one) => `  - ${one}`).join('\n')}`);
    const speech = speechSource(realAsrEnv(env) !== undefined, this.#options.asrModel);
    const real = speech.kind === 'real';
    await ensurePortFree(port);
    mkdirSync(this.#dataDir, { recursive: true });
    this.#unlock = lockFolder(this.#dataDir);
    const secrets = await localSecrets(this.#dataDir);
    const context: LaunchContext = { dataDir: this.#dataDir, secrets, env, options: this.#options };

    this.#report('正在构建容器与云函数，启动本地服务……');
    this.#report(`  识别：${SPEECH_NAMES[speech.kind]}${speech.kind === 'model' ? speech.name : ''}`);
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
        app: this.#options.app,
        report: this.#report,
        gatewayUrl: gateway.url,
        speech,
        ...(this.#options.restartContainers && { killContainer: (url) => this.#killContainer(url) }),
      });
    if (this.#stopping) await this.#page?.stop();
    this.#throwIfStopping();

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
      processes: this.#processes,
      process: (name) => this.#process(name),
      page: this.#page,
      stop: () => this.stop(),
      ended: this.#ended.promise,
    };
  }

  /** @returns one promise for the container's build and one for the functions' */
  #build(context: LaunchContext): readonly [Promise<unknown>, Promise<unknown>] {
    const folders = { containerDir: containerDir(context), functionsDir: functionsDir(context) };
    if (this.#options.watch) {
      this.#watcher = watchSources({
        ...folders,
        report: this.#report,
        onContainerBuilt: () => this.#rollingRestart.trigger(),
      });
      this.#builds = [this.#watcher];
      return [this.#watcher, this.#watcher];
    }
    const builds = [
      buildContainer({ outDir: folders.containerDir, sourcemap: true, build: DEV_BUILD }),
      buildFunctions({ outDir: folders.functionsDir, sourcemap: true, build: DEV_BUILD }),
    ] as const;
    this.#builds = builds;
    return builds;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await (await this.#watcher?.catch(() => undefined))?.dispose();
    if (this.#unlock) removeRunning(this.#dataDir);
    await this.#page?.stop();
    // Containers first: they hand their sessions over to the database.
    await Promise.all(this.#containers.map((container) => container.stop()));
    const gateway = await this.#gateway?.catch(() => undefined);
    await Promise.all([gateway?.stop(), ...[...this.#processes.values()].map((one) => one.stop())]);
    await this.#rollingRestart.stop();
    // The next launcher builds into the same folders.
    await Promise.allSettled(this.#builds);
    this.#unlock?.();
    this.#ended.resolve(this.#failure);
  }

  /** The speech service first: functions and containers are given its address. */
  async #startServices(context: LaunchContext, real: boolean, containerBuilt: Promise<unknown>) {
    const [asr] = await Promise.all([
      real ? undefined : this.#startRecogniser(asrProcess(context)),
      containerBuilt,
    ]);
    const speech = asrEnv(context, asr?.url);
    const gateway = await this.#startGateway(context, speech);
    const containers = await this.#startContainers(context, speech, gateway.url);
    return { asr, gateway, containers };
  }

  async #startRecogniser(spec: ProcessSpec): Promise<ManagedProcess> {
    this.#throwIfStopping();
    const started = this.#addProcess(spec, (how) => this.#failAfterExit(spec, how));
    await started.start();
    this.#report(`  ${spec.label}：${started.url}`);
    return started;
  }

  /** In this process: functions run in threads, so that a crash of theirs ends none but their own. */
  async #startGateway(context: LaunchContext, speech: Record<string, string>): Promise<Gateway> {
    this.#throwIfStopping();
    const log = new LogFile(logPath(context, 'gateway'));
    closeSync(log.open());
    this.#gateway = startGateway({
      ...gatewayOptions(context, speech),
      log: (entry) => log.append(entry),
    });
    const gateway = await this.#gateway;
    this.#report(`  本地云开发网关：${gateway.url}`);
    return gateway;
  }

  /** @returns their addresses */
  #startContainers(context: LaunchContext, speech: Record<string, string>, gatewayUrl: string) {
    const { containers: count = 1, inspectPort, metricsPort, page, port = 0 } = this.#options;
    const specs = Array.from({ length: count }, (_, i) =>
      containerProcess(context, speech, {
        name: `container-${i + 1}`,
        port: page === false && count === 1 ? port : 0,
        gatewayUrl,
        inspectPort: inspectPort === undefined ? undefined : inspectPort + i,
        metricsPort: metricsPort === undefined ? undefined : metricsPort + i,
      }),
    );
    return Promise.all(specs.map((spec) => this.#startContainer(spec)));
  }

  async #startContainer(spec: ProcessSpec): Promise<string> {
    this.#throwIfStopping();
    const { restartContainers, watch } = this.#options;
    const container = new SupervisedContainer(
      spec,
      (onExit) =>
        this.#addProcess(
          { ...spec, readyPath: '/ready' },
          restartContainers ? onExit : (how) => this.#failAfterExit(spec, how),
        ),
      {
        report: this.#report,
        onGiveUp: (reason) =>
          watch ? this.#report(`${reason}\n等源码改动后再启动。`) : this.#fail(`${reason}\n不再重启。`),
      },
    );
    this.#containers.push(container);
    await container.start();
    const { url } = this.#process(spec.name);
    this.#report(`  ${spec.label}：${url}`);
    if (spec.metricsUrl !== undefined) this.#report(`  ${spec.label}的指标：${spec.metricsUrl}`);
    return url;
  }

  /** Kills the container at this address, or else the first that is running. @returns whether there was one */
  #killContainer(url: string | undefined): boolean {
    const wanted = this.#containers.filter((one) => url !== undefined && one.url === url);
    return [...wanted, ...this.#containers].some((container) => container.kill());
  }

  /** After a build: one container after the other hands its sessions over and starts again with the new code. */
  async #restartEachContainer(): Promise<void> {
    // a failed start ends everything
    await this.#services?.catch(() => undefined);
    for (const container of this.#containers) await container.restart();
  }

  /** @throws Error when a stop was asked for, or something else has failed: nothing more is started then */
  #throwIfStopping(): void {
    if (this.#stopping) throw new Error(this.#failure ?? '启动已取消');
  }

  #addProcess(spec: ProcessSpec, onExit: (how: string) => void): ManagedProcess {
    const added = new ManagedProcess(spec, onExit);
    this.#processes.set(spec.name, added);
    return added;
  }

  #process(name: string): ManagedProcess {
    const found = this.#processes.get(name);
    if (!found) throw new Error(`there is no process ${name}`);
    return found;
  }

  #failAfterExit({ name, label, logPath: path }: ProcessSpec, how: string): void {
    this.#fail([`${label}意外退出（${how}）。日志：${path}`, ...this.#process(name).lastLines].join('\n'));
  }

  #fail(reason: string): void {
    if (this.#stopping) return;
    this.#failure = reason;
    void this.stop();
  }
}
