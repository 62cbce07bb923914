import type { WireError } from '../../../contract/errors.ts';
import type { StopAnswer } from '../../../contract/stream.ts';
import { EventEmitter } from '../../../lib/emitter.ts';
import type {
  Line,
  VoiceEvents,
  VoiceOptions,
  VoiceSession,
  VoiceState,
  VoiceStatus,
} from '../session/voice-session.types.ts';

/** PCM 16-bit mono at 16 kHz. */
const BYTES_PER_MS = 32;

interface Pending<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/** A session under the test's control. Strict: audio before `start` or after the end throws. */
export class FakeSession implements VoiceSession {
  readonly calls: string[] = [];
  readonly pushed: number[] = [];
  options: VoiceOptions | undefined;
  stopping: Pending<StopAnswer> | undefined;
  lines: readonly Line[] = [];
  status: VoiceStatus = {
    state: 'idle',
    sessionId: 'session-1',
    recordedMs: 0,
    bufferedMs: 0,
    lagMs: 0,
    losses: [],
    attempt: 0,
    link: 'connecting',
    queue: null,
  };
  readonly #events = new EventEmitter<VoiceEvents>((error) => console.error('a listener failed', error));

  on<E extends keyof VoiceEvents>(event: E, fn: VoiceEvents[E]): () => void {
    return this.#events.subscribe(event, fn);
  }

  enter(state: VoiceState, reason = 'test'): void {
    const old = this.status.state;
    const link = state === 'live' ? 'up' : state === 'reconnecting' ? 'down' : this.status.link;
    this.status = { ...this.status, state, link };
    this.#events.emit('state', { old, new: state, reason });
  }
  error(error: WireError): void {
    this.#events.emit('error', error);
  }
  complete(answer: StopAnswer): void {
    this.enter('ended', 'completed');
    this.#events.emit('completed', answer);
  }
  say(lines: readonly Line[]): void {
    this.lines = lines;
    this.#events.emit('lines', lines);
  }

  async start(options?: VoiceOptions): Promise<void> {
    this.calls.push('start');
    this.options = options;
    this.enter('connecting', 'start');
  }
  push(pcm: ArrayBuffer): void {
    if (this.status.state === 'idle' || this.status.state === 'ended')
      throw new Error(`audio in ${this.status.state}`);
    this.pushed.push(pcm.byteLength);
    this.status = { ...this.status, recordedMs: this.status.recordedMs + pcm.byteLength / BYTES_PER_MS };
  }
  stop(): Promise<StopAnswer> {
    this.calls.push('stop');
    this.enter('stopping', 'stop');
    return new Promise((resolve, reject) => {
      this.stopping = { resolve, reject };
    });
  }
  async cancel(): Promise<void> {
    this.calls.push('cancel');
    this.enter('ended', 'cancel');
  }
  async reclaim(): Promise<void> {
    this.calls.push('reclaim');
    this.enter('reconnecting', 'take-over');
  }
  dispose(): void {
    this.calls.push('dispose');
  }
}
