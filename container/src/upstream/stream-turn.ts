import type { Clock } from '../../../lib/clock.ts';
import type { QueuePlace, UpstreamAdmission } from './admission.ts';
import { ADMISSION_RULES } from './rules.ts';

/** When one session may dial the recogniser: it has a slot, its wait after a failure is over, or it is its turn in the queue. */
export class StreamTurn {
  private readonly clock: Clock;
  private readonly admission: UpstreamAdmission;
  private readonly placed: (place: number, waitMs: number) => void;
  private place: QueuePlace | undefined;
  private position: { place: number; waitMs: number } | undefined;
  private hasSlot = false;
  private cancelRetry: (() => void) | undefined;

  /** @param placed told the place in the queue, 0: it was left for a stream; and about how long it will take, ms */
  constructor(clock: Clock, admission: UpstreamAdmission, placed: (place: number, waitMs: number) => void) {
    this.clock = clock;
    this.admission = admission;
    this.placed = (place, waitMs) => {
      this.position = place > 0 ? { place, waitMs } : undefined;
      placed(place, waitMs);
    };
  }

  get isQueued(): boolean {
    return this.position !== undefined;
  }

  /** Tells the place again: a client that comes back meanwhile would else not know until it changes. */
  repeatPosition(): void {
    if (this.position) this.placed(this.position.place, this.position.waitMs);
  }

  /** The session keeps its slot from one stream to the next. @returns whether it has one now */
  takeSlot(): boolean {
    this.hasSlot ||= this.admission.takeSlot();
    return this.hasSlot;
  }

  /** The session needs no stream for now. */
  giveSlot(): void {
    if (!this.hasSlot) return;
    this.hasSlot = false;
    this.admission.giveSlot();
  }

  /** There is no slot: `retry` is called when there is one, or where the queue is full, after a while. */
  awaitSlot(retry: () => void): void {
    const place = this.enter();
    if (!place) this.retryAfter(ADMISSION_RULES.retryMs, retry);
    else
      place.waitForSlot(() => {
        this.hasSlot = true;
        retry();
      });
  }

  /** The account has no stream left (4006): `retry` is called when it is this session's turn, or where the queue is full, after `waitMs`. */
  awaitStream(waitMs: number, retry: () => void): void {
    const place = this.enter();
    if (place) place.wait(retry);
    else this.retryAfter(waitMs, retry);
  }

  /** `retry` is called after `waitMs`, whoever waits. */
  awaitRetry(waitMs: number, retry: () => void): void {
    this.leave(false);
    this.retryAfter(waitMs, retry);
  }

  leave(hasStream: boolean): void {
    this.place?.leave();
    if (this.place && hasStream) this.placed(0, 0);
    this.place = undefined;
    this.position = undefined;
  }

  /** The session wants no stream any more. */
  close(): void {
    this.leave(false);
    this.giveSlot();
    this.cancelRetry?.();
  }

  private enter(): QueuePlace | undefined {
    this.place ??= this.admission.enter(this.placed);
    return this.place;
  }

  private retryAfter(waitMs: number, retry: () => void): void {
    this.cancelRetry?.();
    this.cancelRetry = this.clock.after(waitMs, retry);
  }
}
