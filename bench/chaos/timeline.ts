/** One thing that happened. */
export interface Entry {
  /** Since the speakers began, ms. */
  t: number;
  /** `speaker-3`, `fault-12`, `container-1`, … */
  who: string;
  what: string;
  [detail: string]: unknown;
}

/** Everything that happened in a run, in order. */
export class Timeline {
  readonly entries: Entry[] = [];
  #begunAt = Date.now();

  /** The speakers begin now. */
  begin(): void {
    this.#begunAt = Date.now();
  }

  get nowMs(): number {
    return Date.now() - this.#begunAt;
  }

  note(who: string, what: string, detail: Record<string, unknown> = {}): void {
    this.entries.push({ t: this.nowMs, who, what, ...detail });
  }
}
