import type { Clock } from '../../../lib/clock.ts';
import { ADMISSION_RULES } from './rules.ts';

/** A session's place in the queue for a stream of the recogniser. */
export interface QueuePlace {
  /** Calls `retry` once, when it is this session's turn to try again. A later call replaces an earlier one. */
  wait(retry: () => void): void;
  /** The session got a stream, or wants none any more. */
  leave(): void;
}

interface Entry {
  retry: (() => void) | undefined;
  placed: (place: number, waitMs: number) => void;
  place: number;
}

/**
 * The queue of this instance's sessions while the account has all the streams that it may have (4006). Only the first one
 * tries, again and again; when it gets a stream, the next one does. Everybody is told their place.
 */
export class UpstreamAdmission {
  private readonly clock: Clock;
  private readonly entries: Entry[] = [];
  private cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get waiting(): number {
    return this.entries.length;
  }

  /**
   * @param placed told the place (1 is the first) and about how long it will take (ms), whenever the place changes
   * @returns undefined where the queue is full
   */
  enter(placed: (place: number, waitMs: number) => void): QueuePlace | undefined {
    if (this.entries.length >= ADMISSION_RULES.maxWaiting) return undefined;
    const entry: Entry = { retry: undefined, placed, place: 0 };
    this.entries.push(entry);
    this.tellPlaces();
    return {
      wait: (retry) => {
        entry.retry = retry;
        if (this.entries[0] === entry) this.schedule(ADMISSION_RULES.retryMs);
      },
      leave: () => this.remove(entry),
    };
  }

  private remove(entry: Entry): void {
    const index = this.entries.indexOf(entry);
    if (index < 0) return;
    this.entries.splice(index, 1);
    if (index === 0) this.schedule(ADMISSION_RULES.nextMs);
    this.tellPlaces();
  }

  private schedule(ms: number): void {
    this.cancel?.();
    this.cancel = undefined;
    if (this.entries.length === 0) return;
    this.cancel = this.clock.after(ms, () => {
      this.cancel = undefined;
      const first = this.entries[0];
      const retry = first?.retry;
      if (first) first.retry = undefined;
      retry?.();
    });
  }

  private tellPlaces(): void {
    for (const [index, entry] of this.entries.entries()) {
      if (entry.place === index + 1) continue;
      entry.place = index + 1;
      entry.placed(entry.place, entry.place * ADMISSION_RULES.retryMs);
    }
  }
}
