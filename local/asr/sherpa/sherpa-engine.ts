import { createRequire } from 'node:module';
import { systemClock } from '../../../lib/clock.ts';
import { stateTable } from '../../../lib/state-table.ts';
import {
  type AsrEngine,
  ENGINE_RATE_HZ,
  EngineBusy,
  type Recogniser,
  type RecogniserEvents,
  type RecognitionUpdate,
} from '../recogniser.ts';
import { EngineProcess, type ToEngine } from './engine-process.ts';
import { inspectModelFolder, type StreamingModel } from './model-folder.ts';

const LOAD_LIMIT_MS = 120_000;
/** Limit for the audio of one stream that is not recognised yet, ms; beyond it the stream fails, because its text would be too late. */
const MAX_STREAM_LAG_MS = 30_000;
/** Pause that ends a segment, s. Sentences are made from segments by the stream's own pause (realtime/sentences.ts). */
const SEGMENT_PAUSE_S = 0.6;
const MAX_SEGMENT_S = 20;

/** Waits before the restarts of a process that ended, ms, after which there is none. Older ends than `forgetAfterMs` do not count. */
export const RESTART = { delaysMs: [0, 1_000, 5_000, 30_000], forgetAfterMs: 300_000 } as const;

/** `waiting`: for the next restart; `failed`: the process is not started again; `closed`: final. */
export type EngineState = 'starting' | 'running' | 'waiting' | 'failed' | 'closed';
/** `ended`: the process ended after it was ready. */
export type EngineEvent = 'started' | 'startFailed' | 'ended' | 'restartDue' | 'gaveUp' | 'closed';

/** `none`: the event is ignored. */
// biome-ignore format: read as a table
export const ENGINE_TABLE = stateTable<EngineState, EngineEvent, EngineState | 'none'>(
               ['starting', 'running', 'waiting',  'failed', 'closed'], {
  started:     ['running',  'none',    'none',     'none',   'none'],
  startFailed: ['failed',   'none',    'none',     'none',   'none'],
  ended:       ['none',     'waiting', 'none',     'none',   'none'],
  restartDue:  ['none',     'none',    'starting', 'none',   'none'],
  gaveUp:      ['none',     'none',    'failed',   'none',   'none'],
  closed:      ['closed',   'closed',  'closed',   'closed', 'none'],
});

interface OpenStream {
  events: RecogniserEvents;
  pushedMs: number;
  processedMs: number;
}

/**
 * A streaming model on sherpa-onnx, in a process of its own: when that ends, its streams fail, and it is started again.
 * Streams can be opened only while it is running.
 */
export class SherpaEngine implements AsrEngine {
  readonly name: string;
  readonly #load: ToEngine & { type: 'load' };
  readonly #restarts = new RestartPolicy();
  readonly #streams = new Map<number, OpenStream>();
  #state: EngineState = 'starting';
  /** Set while running. */
  #process: EngineProcess | null = null;
  #lastId = 0;
  #cancelRestart: () => void = () => {};

  private constructor(model: StreamingModel) {
    this.name = `sherpa-onnx（${model.kind}）`;
    this.#load = {
      type: 'load',
      config: recogniserConfig(model),
      tailMs: model.tailMs,
      chunkMs: model.chunkMs,
    };
  }

  /** @throws {Error} that says, in Chinese, for users, what is wrong with the folder or the installation */
  static async load(folder: string): Promise<SherpaEngine> {
    const model = inspectModelFolder(folder);
    for (const warning of model.warnings) console.error(`模型警告：${warning}`);
    const problem = engineProblem();
    if (problem !== undefined) throw new Error(problem);
    const engine = new SherpaEngine(model);
    await engine.#start();
    return engine;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  lagMs(): number {
    let sum = 0;
    for (const { pushedMs, processedMs } of this.#streams.values()) sum += pushedMs - processedMs;
    return sum;
  }

  open(events: RecogniserEvents): Recogniser {
    const running = this.#process;
    if (!running) throw new EngineBusy('the engine process is not running');
    const id = ++this.#lastId;
    const stream: OpenStream = { events, pushedMs: 0, processedMs: 0 };
    this.#streams.set(id, stream);
    running.send({ type: 'open', id });
    return {
      push: (pcm) => {
        if (!this.#streams.has(id)) return;
        stream.pushedMs += (pcm.length * 1000) / ENGINE_RATE_HZ;
        if (stream.pushedMs - stream.processedMs > MAX_STREAM_LAG_MS) {
          this.#streams.delete(id);
          running.send({ type: 'close', id });
          events.onFailure(new Error('the recogniser is too far behind'));
        } else if (pcm.length > 0) running.send({ type: 'audio', id, pcm });
      },
      flush: () => running.send({ type: 'flush', id }),
      close: () => {
        if (this.#streams.delete(id)) running.send({ type: 'close', id });
      },
    };
  }

  async close(): Promise<void> {
    this.#transition('closed');
    this.#cancelRestart();
    await this.#process?.stop();
  }

  /** The only place that changes the state. @param reason is logged @returns whether the event has changed it */
  #transition(event: EngineEvent, reason?: string): boolean {
    const next = ENGINE_TABLE.next(this.#state, event);
    if (next === 'none') return false;
    this.#state = next;
    if (reason !== undefined) console.error(reason);
    return true;
  }

  async #start(): Promise<void> {
    const started = await EngineProcess.start(this.#load, LOAD_LIMIT_MS, {
      onUpdate: (id, update) => this.#update(id, update),
      onEnd: (error) => this.#ended(error),
    });
    if (this.#transition('started')) this.#process = started;
    else await started.stop();
  }

  #update(id: number, update: RecognitionUpdate): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    stream.processedMs = update.processedMs;
    if (update.last) this.#streams.delete(id);
    stream.events.onUpdate(update);
  }

  #ended(error: Error): void {
    this.#process = null;
    const failed = [...this.#streams.values()];
    this.#streams.clear();
    for (const { events } of failed) events.onFailure(error);
    if (!this.#transition('ended')) return;
    const delayMs = this.#restarts.next(systemClock.now());
    if (delayMs === null) {
      this.#transition('gaveUp', `${error.message}；多次退出，不再重启，请检查模型后重新启动`);
      return;
    }
    console.error(`${error.message}；${delayMs / 1000} 秒后重启`);
    this.#cancelRestart = systemClock.after(delayMs, () => this.#restart());
  }

  #restart(): void {
    if (!this.#transition('restartDue')) return;
    // the model was loaded before: further attempts after a failed start would fail too
    this.#start().catch((error: Error) => this.#transition('startFailed', `${error.message}；不再重启`));
  }
}

/** Counts how often the process ended. */
export class RestartPolicy {
  #endedAt: number[] = [];

  /** Counts an end at `now`, ms. @returns how long to wait before the restart, ms; null: no restart */
  next(now: number): number | null {
    this.#endedAt = this.#endedAt.filter((at) => now - at < RESTART.forgetAfterMs);
    const delayMs = RESTART.delaysMs[this.#endedAt.length];
    this.#endedAt.push(now);
    return delayMs ?? null;
  }
}

/** Why no model can be used on this machine, and what to do, for people; undefined: the engine is installed. */
export function engineProblem(): string | undefined {
  try {
    createRequire(import.meta.url).resolve('sherpa-onnx-node');
    return undefined;
  } catch {
    return '没有安装 sherpa-onnx-node：请运行 npm install sherpa-onnx-node（需要 glibc 2.32 以上的系统）';
  }
}

const recogniserConfig = (model: StreamingModel): Record<string, unknown> => ({
  featConfig: { sampleRate: ENGINE_RATE_HZ, featureDim: 80 },
  modelConfig: { ...model.config, numThreads: 1, provider: 'cpu', debug: 0 },
  decodingMethod: 'greedy_search',
  enableEndpoint: true,
  rule1MinTrailingSilence: 2.4,
  rule2MinTrailingSilence: SEGMENT_PAUSE_S,
  rule3MinUtteranceLength: MAX_SEGMENT_S,
});
