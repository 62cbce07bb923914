import { CREDIT_MS, msToSamples, PROGRESS_MS } from '../../../contract/limits.ts';
import type { ProgressEvent } from '../../../contract/stream.ts';
import type { Clock } from '../clock.ts';
import { SESSION_RULES } from './rules.ts';

interface Reading {
  nextPos: number;
  committedPos: number;
  settledIndex: number;
  /** How far the recogniser was sent audio. */
  heardPos: number;
  /** Finals that the store does not have yet. */
  unstored: number;
}

/** The session's watermarks: tells the client about once a second how far everything is, and how far it may go. */
export class Gauge {
  private limit = 0;
  private told = '';
  private cancel = () => {};
  private readonly init: {
    sessionId: string;
    rateHz: number;
    clock: Clock;
    read: () => Reading;
    tell: (event: ProgressEvent) => boolean;
  };

  /** @param init `tell` answers whether somebody listened */
  constructor(init: Gauge['init']) {
    this.init = init;
    this.raise();
    this.schedule();
  }

  /** Audio from here on is refused; only advances. */
  get limitPos(): number {
    return this.limit;
  }

  /** The recogniser or the store got further. */
  raise(): void {
    const { heardPos, unstored } = this.init.read();
    if (unstored > SESSION_RULES.maxUnstored) return;
    this.limit = Math.max(this.limit, heardPos + msToSamples(CREDIT_MS, this.init.rateHz));
  }

  stop(): void {
    this.cancel();
  }

  private schedule(): void {
    this.cancel = this.init.clock.after(PROGRESS_MS, () => {
      this.schedule();
      this.tellProgress();
    });
  }

  private tellProgress(): void {
    const { nextPos, committedPos, settledIndex } = this.init.read();
    const { sessionId } = this.init;
    const event: ProgressEvent = { sessionId, nextPos, committedPos, limitPos: this.limit, settledIndex };
    const text = JSON.stringify(event);
    if (text !== this.told && this.init.tell(event)) this.told = text;
  }
}
