import type { Clock } from '../../lib/clock.ts';

/** Something that happened during a run. */
export interface TimelineEntry {
  /** Since the speakers began, ms. */
  t: number;
  /** `speaker-3`, `fault-12`, `container-1`, … */
  who: string;
  what: string;
  [detail: string]: unknown;
}

/** Everything that happened in a run, in order. */
export class Timeline {
  readonly entries: TimelineEntry[] = [];
  readonly #clock: Clock;
  #beganAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganAt = clock.now();
  }

  /** Sets time zero: the speakers begin now. */
  begin(): void {
    this.#beganAt = this.#clock.now();
  }

  get nowMs(): number {
    return this.#clock.now() - this.#beganAt;
  }

  add(who: string, what: string, detail: Record<string, unknown> = {}): void {
    this.entries.push({ t: this.nowMs, who, what, ...detail });
  }
}
