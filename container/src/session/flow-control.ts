import { CREDIT_MS, msToSamples, PROGRESS_MS } from '../../../contract/limits.ts';
import { type ProgressEvent, STREAM_LIMITS, type StartAnswer } from '../../../contract/stream.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { AudioBuffer } from '../upstream/audio-buffer.ts';
import type { Relay } from '../upstream/relay.ts';
import type { RecordWriter } from './record-writer.ts';
import { SESSION_RULES } from './rules.ts';
import type { AttachedClient } from './takeover.ts';

interface FlowControlParts {
  sessionId: string;
  rateHz: number;
  clock: Clock;
  buffer: AudioBuffer;
  writer: RecordWriter;
  relay: Relay;
  attachment: AttachedClient;
}

const WATERMARKS = ['nextPos', 'committedPos', 'limitPos', 'settledIndex', 'hearingPos'] as const;

/** Tells the client about once a second how far its audio is, and how far ahead it may send. */
export class FlowControl {
  private limit = 0;
  private lastSent: Required<ProgressEvent> | undefined;
  private cancel = () => {};
  private readonly parts: FlowControlParts;

  constructor(parts: FlowControlParts) {
    this.parts = parts;
    this.raise();
    this.schedule();
  }

  /** Audio from here on is refused; only advances. */
  get limitPos(): number {
    return this.limit;
  }

  get watermarks(): ProgressEvent {
    const { sessionId, buffer, writer } = this.parts;
    return {
      sessionId,
      nextPos: buffer.endPos,
      committedPos: writer.committedPos,
      limitPos: this.limit,
      settledIndex: writer.settledIndex,
    };
  }

  /** What a client is told that attaches. */
  startAnswer(nextIndex: number): StartAnswer {
    return { ...this.watermarks, state: 'live', nextIndex, limits: STREAM_LIMITS };
  }

  /** The recogniser or the store got further, or a hole was declared: it is no audio, so it uses no credit. */
  raise(): void {
    const { buffer, relay, writer, rateHz } = this.parts;
    if (writer.unstoredCount > SESSION_RULES.maxUnstored) return;
    this.limit = Math.max(this.limit, buffer.audioFrom(relay.heardPos) + msToSamples(CREDIT_MS, rateHz));
  }

  stop(): void {
    this.cancel();
  }

  private schedule(): void {
    this.cancel = this.parts.clock.after(PROGRESS_MS, () => {
      this.schedule();
      this.sendProgress();
    });
  }

  private sendProgress(): void {
    const event = { ...this.watermarks, hearingPos: this.parts.relay.hearingPos };
    const changed = WATERMARKS.some((name) => event[name] !== this.lastSent?.[name]);
    if (!changed || !this.parts.attachment.isAttached) return;
    this.lastSent = event;
    this.parts.attachment.emit('progress', event);
  }
}
