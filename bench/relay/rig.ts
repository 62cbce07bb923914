import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressOf, containerSettings } from '../../container/testing/local-service.ts';
import type { Gateway } from '../../local/cloudbase/gateway.ts';
import type { ClockControl } from '../clock/clock-control.ts';
import { Child } from '../processes/child.ts';
import { buildContainerIn, buildScripts, imageRuntime, startDatabase } from '../processes/parts.ts';
import type { DialectName } from './dialects.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
/** What runs in processes of its own, or is loaded into one. */
const SCRIPTS = {
  sink: pathOf('../sink/sink.ts'),
  generator: pathOf('generator.ts'),
  'bare-relay': pathOf('bare-relay.ts'),
  'bare-socketio': pathOf('bare-socketio.ts'),
  'published-design': pathOf('published-design.ts'),
  probe: pathOf('probe.ts'),
} as const;
type Script = keyof typeof SCRIPTS;
/** Loaded into every process where time is not real time. */
const CLOCK = pathOf('../clock/preload.ts');
const SERVER_SCRIPTS = {
  relay: 'bare-relay',
  socketio: 'bare-socketio',
  published: 'published-design',
} as const;

/** Database requests a second: a container that waits for none of them does the most work. */
export const DB_WRITES_PER_SECOND = 1_000;

export interface RigOptions {
  /** Where bundles and profiles are kept. */
  folder: string;
  /** A container that is built already; undefined: this one's source is built. */
  container?: string | undefined;
  /** Options of node for the container, besides those of the image. */
  nodeArgs: readonly string[];
  maxStreams: number;
  /** The time of all processes but this; undefined: real time. */
  clock?: ClockControl;
  /** Scripts that are loaded into the server before its own code, besides the probe: absolute paths by name. */
  preload?: Readonly<Record<string, string>>;
  /** Beyond what the container is given here; undefined values: its defaults. */
  env?: Readonly<Record<string, string | undefined>>;
}

/** A server under test: a process with a probe in it. */
export interface ServerUnderTest {
  url: string;
  child: Child;
  log: string[];
}

/** Everything around the server that is measured: recogniser and phones are processes of their own, the database runs in this one. */
export class Rig {
  readonly sink: Child;
  readonly generator: Child;
  readonly #options: RigOptions;
  readonly #gateway: Gateway;
  readonly #container: string;
  readonly #asrEndpoint: string;
  #server: ServerUnderTest | undefined;

  private constructor(
    options: RigOptions,
    parts: { sink: Child; generator: Child; gateway: Gateway; container: string; asrEndpoint: string },
  ) {
    this.#options = options;
    this.sink = parts.sink;
    this.generator = parts.generator;
    this.#gateway = parts.gateway;
    this.#container = parts.container;
    this.#asrEndpoint = parts.asrEndpoint;
  }

  static async start(options: RigOptions): Promise<Rig> {
    const { folder } = options;
    await mkdir(folder, { recursive: true });
    const { clock, preload } = options;
    await buildScripts(folder, { ...SCRIPTS, ...preload, ...(clock && { clock: CLOCK }) });
    const container = options.container ?? (await buildContainerIn(folder));
    const gateway = await startDatabase();
    const helper = (name: 'sink' | 'generator'): Child =>
      Child.spawn(name, [...clockArgs(options), join(folder, `${name}.cjs`)], { env: { ...clock?.env } });
    const [sink, generator] = [helper('sink'), helper('generator')];
    clock?.add(sink, generator);
    for (const child of [sink, generator]) child.process.stderr?.pipe(process.stderr);
    const asrEndpoint = `ws://127.0.0.1:${await sink.ask<number>('listen')}`;
    return new Rig(options, { sink, generator, gateway, container, asrEndpoint });
  }

  /** Starts the server that is to be measured; the one before it is ended. */
  async serve(name: DialectName): Promise<ServerUnderTest> {
    await this.#server?.child.stop();
    const { folder, nodeArgs, maxStreams, clock } = this.#options;
    const scripts = ['probe' satisfies Script, ...Object.keys(this.#options.preload ?? {})];
    const preload = scripts.flatMap((script) => ['--require', join(folder, `${script}.cjs`)]);
    const isContainer = name === 'container';
    const script = isContainer ? this.#container : join(folder, `${SERVER_SCRIPTS[name]}.cjs`);
    const image = await imageRuntime();
    const env = {
      ...(isContainer && image.env),
      ...containerSettings(this.#gateway.containerEnv()),
      ASR_ENDPOINT: this.#asrEndpoint,
      MAX_SESSIONS: String(maxStreams),
      DB_WRITES_PER_SECOND: String(DB_WRITES_PER_SECOND),
      DRAIN_MS: '0',
      ...clock?.env,
      ...this.#options.env,
    };
    const options = isContainer ? [...image.nodeArgs, ...nodeArgs] : [];
    const args = [...options, ...clockArgs(this.#options), ...preload, script];
    const child = Child.spawn(name, args, { env });
    clock?.add(child);
    clock?.run();
    const log: string[] = [];
    this.#server = { child, log, url: await addressOf(child.process, log) };
    return this.#server;
  }

  /** Where the recogniser listens. */
  get asrPort(): string {
    return new URL(this.#asrEndpoint).port;
  }

  /** Requests that the database has answered so far. */
  get databaseRequests(): number {
    return this.#gateway.counters.requests;
  }

  async stop(): Promise<void> {
    await this.#options.clock?.stop().catch(() => undefined);
    const children = [this.#server?.child, this.generator, this.sink];
    await Promise.all(children.map((child) => child?.stop()));
    await this.#gateway.stop();
  }
}

const clockArgs = ({ clock, folder }: RigOptions): string[] =>
  clock ? ['--require', join(folder, 'clock.cjs')] : [];
