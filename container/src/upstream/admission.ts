import type { Clock } from '../../../lib/clock.ts';
import { ADMISSION_RULES } from './rules.ts';

/** The recogniser's streams that this instance may have open, where they are counted over all instances. */
export interface StreamSlots {
  /** Takes one. @returns whether there was one */
  take(): boolean;
  /** Gives one back that was taken. */
  give(): void;
  /** So many sessions wait here for one. */
  setWaiting(count: number): void;
  /** Sessions of the other instances that wait, about. */
  readonly waitingElsewhere: number;
  /** `changed` is called whenever there may be one to take, or others wait. */
  onChange(changed: () => void): void;
}

/** A session's place in the queue for a stream of the recogniser. */
export interface QueuePlace {
  /** For what the account has no stream left (4006): calls `retry` once, when it is this session's turn to try again. */
  wait(retry: () => void): void;
  /** For what this instance has no slot left: calls `taken` once, when one was taken for this session. */
  waitForSlot(taken: () => void): void;
  /** The session got a stream, or wants none any more. */
  leave(): void;
}

interface Entry {
  needs: 'stream' | 'slot';
  /** A later call of `wait` replaces an earlier one. */
  retry: (() => void) | undefined;
  placed: (place: number, waitMs: number) => void;
  place: number;
  /** Sessions of other instances that came before. */
  ahead: number;
}

/**
 * The queue of this instance's sessions for a stream of the recogniser. Some wait because the account has all the streams that it may
 * have (4006): only the first of them tries, again and again; when it gets a stream, the next one does. Where streams are counted
 * over all instances, others wait for a slot, without trying. Everybody is told their place.
 */
export class UpstreamAdmission {
  private readonly clock: Clock;
  private readonly slots: StreamSlots | undefined;
  private readonly entries: Entry[] = [];
  private cancel: (() => void) | undefined;
  private cancelServing: (() => void) | undefined;

  /** @param slots undefined: the recogniser alone decides who gets a stream */
  constructor(clock: Clock, slots?: StreamSlots) {
    this.clock = clock;
    this.slots = slots;
    slots?.onChange(() => this.onSlotsChanged());
  }

  get waiting(): number {
    return this.entries.length;
  }

  /**
   * Takes a slot for a session, which needs one while it has a stream or wants one.
   * @returns whether there was one, and nobody who waits for one
   */
  takeSlot(): boolean {
    return !this.slots || (!this.firstFor('slot') && this.slots.take());
  }

  giveSlot(): void {
    this.slots?.give();
    this.serve();
  }

  /**
   * @param placed told the place (1 is the first) and about how long it will take (ms), whenever the place changes
   * @returns undefined where the queue is full
   */
  enter(placed: (place: number, waitMs: number) => void): QueuePlace | undefined {
    if (this.entries.length >= ADMISSION_RULES.maxWaiting) return undefined;
    const ahead = this.slots?.waitingElsewhere ?? 0;
    const entry: Entry = { needs: 'stream', retry: undefined, placed, place: 0, ahead };
    this.entries.push(entry);
    this.tellPlaces();
    return {
      wait: (retry) => {
        entry.retry = retry;
        if (this.firstFor('stream') === entry) this.schedule(ADMISSION_RULES.retryMs);
      },
      waitForSlot: (taken) => {
        entry.needs = 'slot';
        entry.retry = taken;
        this.tellSlots();
        this.serve();
      },
      leave: () => this.remove(entry),
    };
  }

  private remove(entry: Entry): void {
    const index = this.entries.indexOf(entry);
    if (index < 0) return;
    const wasFirst = this.firstFor('stream') === entry;
    this.entries.splice(index, 1);
    if (wasFirst) this.schedule(ADMISSION_RULES.nextMs);
    this.tellSlots();
    this.tellPlaces();
  }

  private firstFor(what: Entry['needs']): Entry | undefined {
    return this.entries.find(({ needs }) => needs === what);
  }

  private schedule(ms: number): void {
    this.cancel?.();
    this.cancel = undefined;
    if (!this.firstFor('stream')) return;
    this.cancel = this.clock.after(ms, () => {
      this.cancel = undefined;
      const first = this.firstFor('stream');
      const retry = first?.retry;
      if (first) first.retry = undefined;
      retry?.();
    });
  }

  /** Gives slots to those who wait for one, in order; one after the other, so that not all of them dial at once. */
  private serve(): void {
    if (this.cancelServing || !this.firstFor('slot')) return;
    this.cancelServing = this.clock.after(ADMISSION_RULES.slotMs, () => {
      this.cancelServing = undefined;
      const first = this.firstFor('slot');
      if (!first || !this.slots?.take()) return;
      const { retry } = first;
      first.needs = 'stream';
      first.retry = undefined;
      this.tellSlots();
      retry?.();
      this.serve();
    });
  }

  private onSlotsChanged(): void {
    const ahead = this.slots?.waitingElsewhere ?? 0;
    // Who came later elsewhere is not ahead.
    for (const entry of this.entries) entry.ahead = Math.min(entry.ahead, ahead);
    this.tellPlaces();
    this.serve();
  }

  private tellSlots(): void {
    this.slots?.setWaiting(this.entries.filter(({ needs }) => needs === 'slot').length);
  }

  private tellPlaces(): void {
    for (const [index, entry] of this.entries.entries()) {
      const place = index + 1 + entry.ahead;
      if (entry.place === place) continue;
      entry.place = place;
      entry.placed(place, place * ADMISSION_RULES.retryMs);
    }
  }
}
