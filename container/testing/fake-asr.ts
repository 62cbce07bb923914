import type { Clock } from '../../lib/clock.ts';
import type {
  AsrConnection,
  AsrFailure,
  AsrHandlers,
  AsrParams,
  AsrSentence,
  ConnectAsr,
} from '../src/asr/types.ts';

const RATE_HZ = 16_000;

/** One connection of the fake recogniser: as strict as the real one; the test says what it recognises. */
export class FakeConnection implements AsrConnection {
  readonly voiceId: string;
  readonly bufferedBytes = 0;
  readonly params: AsrParams;
  sentMs = 0;
  audio: Uint8Array[] = [];
  /** What was sent when (epoch ms), from `open` with a clock on. */
  readonly sent: { atMs: number; ms: number }[] = [];
  private clock: Clock | undefined;
  state: 'dialling' | 'open' | 'finishing' | 'over' = 'dialling';
  private readonly handlers: AsrHandlers;

  constructor(voiceId: string, params: AsrParams, handlers: AsrHandlers) {
    this.voiceId = voiceId;
    this.params = params;
    this.handlers = handlers;
  }

  send(pcm: Uint8Array): void {
    if (this.state === 'over') return;
    if (this.state !== 'open') throw new Error(`send() while ${this.state}`);
    this.audio.push(pcm.slice());
    const ms = (pcm.byteLength / 2 / RATE_HZ) * 1000;
    this.sentMs += ms;
    if (this.clock) this.sent.push({ atMs: this.clock.now(), ms });
  }

  end(): void {
    if (this.state !== 'over') this.state = 'finishing';
  }

  close(): void {
    this.state = 'over';
  }

  // --- what the test makes it say --------------------------------------------------------------------------

  open(clock?: Clock): void {
    this.clock = clock;
    this.state = 'open';
    this.handlers.open();
  }

  say(sentence: Partial<AsrSentence> & { text: string; final: boolean }): void {
    if (this.state === 'over') return;
    this.handlers.sentence({ index: 0, startMs: 0, endMs: this.sentMs, words: [], ...sentence });
  }

  finish(): void {
    if (this.state !== 'finishing') throw new Error(`finish() while ${this.state}`);
    this.state = 'over';
    this.handlers.finished();
  }

  fail(failure: Partial<AsrFailure> = {}): void {
    if (this.state === 'over') return;
    this.state = 'over';
    this.handlers.failed({ reason: 'network', class: 'retriable', error: 'ASR_UNAVAILABLE', ...failure });
  }

  /** What a stale connection says although it was closed. */
  sayLate(sentence: AsrSentence): void {
    this.handlers.sentence(sentence);
  }
}

/** A recogniser whose connections the test drives. */
export class FakeAsr {
  readonly connections: FakeConnection[] = [];

  connect: ConnectAsr = (params, handlers) => {
    const connection = new FakeConnection(`voice-${this.connections.length}`, params, handlers);
    this.connections.push(connection);
    return connection;
  };

  /** The connection that was ended and has not sent its last message. */
  get finishing(): FakeConnection {
    const connection = this.connections.find(({ state }) => state === 'finishing');
    if (!connection) throw new Error('no connection is being ended');
    return connection;
  }

  get newest(): FakeConnection {
    const connection = this.connections.at(-1);
    if (!connection) throw new Error('nobody dialled');
    return connection;
  }
}
