import { createRequire } from 'node:module';
import {
  type AsrEngine,
  ENGINE_RATE_HZ,
  EngineBusy,
  type Recogniser,
  type RecogniserEvents,
} from '../engine/recogniser.ts';
import { EngineProcess } from './engine-process.ts';
import { inspectModelFolder, type StreamingModel } from './model-folder.ts';
import type { FromChild, ToChild } from './protocol.ts';
import { RestartPolicy } from './restart-policy.ts';

const LOAD_LIMIT_MS = 120_000;
/** Unrecognised audio of one stream above which it is given up, ms: its text would come too late to be of use. */
const MAX_STREAM_LAG_MS = 30_000;
/** A pause that settles a segment, s. Sentences are made of segments elsewhere, by the stream's own pause. */
const SEGMENT_PAUSE_S = 0.6;
const MAX_SEGMENT_S = 20;

interface OpenStream {
  events: RecogniserEvents;
  pushedMs: number;
  heardMs: number;
}

/** A streaming model on sherpa-onnx, in a process of its own that may end without taking the server with it. */
export class SherpaEngine implements AsrEngine {
  readonly name: string;
  readonly #load: ToChild & { type: 'load' };
  readonly #restarts = new RestartPolicy();
  readonly #streams = new Map<number, OpenStream>();
  #process: EngineProcess | null = null;
  #lastId = 0;
  #closed = false;

  private constructor(model: StreamingModel) {
    this.name = `sherpa-onnx（${model.kind}）`;
    this.#load = {
      type: 'load',
      config: recogniserConfig(model),
      tailMs: model.tailMs,
      chunkMs: model.chunkMs,
    };
  }

  /** @throws {Error} that says, in Chinese, what is wrong with the folder or the installation */
  static async load(folder: string): Promise<SherpaEngine> {
    const model = inspectModelFolder(folder);
    for (const warning of model.warnings) console.error(`模型警告：${warning}`);
    checkInstalled();
    const engine = new SherpaEngine(model);
    await engine.#start();
    return engine;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  lagMs(): number {
    let sum = 0;
    for (const { pushedMs, heardMs } of this.#streams.values()) sum += pushedMs - heardMs;
    return sum;
  }

  open(events: RecogniserEvents): Recogniser {
    const running = this.#process;
    if (!running) throw new EngineBusy('the engine process is not running');
    const id = ++this.#lastId;
    const stream: OpenStream = { events, pushedMs: 0, heardMs: 0 };
    this.#streams.set(id, stream);
    running.send({ type: 'open', id });
    return {
      push: (pcm) => {
        if (!this.#streams.has(id)) return;
        stream.pushedMs += (pcm.length * 1000) / ENGINE_RATE_HZ;
        if (stream.pushedMs - stream.heardMs > MAX_STREAM_LAG_MS) {
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
    this.#closed = true;
    await this.#process?.stop();
  }

  async #start(): Promise<void> {
    this.#process = await EngineProcess.start(this.#load, LOAD_LIMIT_MS, {
      onMessage: (message) => this.#receive(message),
      onEnd: (error) => this.#ended(error),
    });
    if (this.#closed) await this.#process.stop();
  }

  #receive(message: FromChild): void {
    if (message.type !== 'hearing') return;
    const stream = this.#streams.get(message.id);
    if (!stream) return;
    stream.heardMs = message.hearing.heardMs;
    if (message.hearing.last) this.#streams.delete(message.id);
    stream.events.onHearing(message.hearing);
  }

  #ended(error: Error): void {
    this.#process = null;
    const lost = [...this.#streams.values()];
    this.#streams.clear();
    for (const { events } of lost) events.onFailure(error);
    if (!this.#closed) this.#restart(error);
  }

  #restart(error: Error): void {
    const delayMs = this.#restarts.next(Date.now());
    if (delayMs === null) {
      console.error(`${error.message}；多次退出，不再重启，请检查模型后重新启动`);
      return;
    }
    console.error(`${error.message}；${delayMs / 1000} 秒后重启`);
    setTimeout(() => {
      if (this.#closed) return;
      // It loaded before: a failure now is not about the folder, and trying on would not help.
      this.#start().catch((failure: Error) => console.error(`${failure.message}；不再重启`));
    }, delayMs).unref();
  }
}

function checkInstalled(): void {
  try {
    createRequire(import.meta.url).resolve('sherpa-onnx-node');
  } catch {
    throw new Error(
      '没有安装 sherpa-onnx-node：请运行 npm install sherpa-onnx-node（需要 glibc 2.32 以上的系统）',
    );
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
