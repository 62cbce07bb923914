/** Waits before a restart; after the last one a part that keeps dying is given up. */
const BACKOFF_MS = [200, 500, 1_000, 2_000, 5_000];
/** After living this long a part begins anew with the first wait. */
const STABLE_MS = 60_000;

/** When a part that died is started again, and when that makes no sense any more. */
export class Restarts {
  readonly #history = new Map<string, { count: number; at: number }>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** @returns false: it died too often, nothing is scheduled */
  schedule(name: string, restart: () => Promise<void>): boolean {
    const now = Date.now();
    const past = this.#history.get(name);
    const count = past && now - past.at < STABLE_MS ? past.count : 0;
    const wait = BACKOFF_MS[count];
    if (wait === undefined) return false;
    this.#history.set(name, { count: count + 1, at: now });
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      void restart();
    }, wait);
    this.#timers.set(name, timer);
    return true;
  }

  /** Nothing is scheduled any more, and earlier deaths no longer count. */
  reset(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    this.#history.delete(name);
  }

  cancel(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
