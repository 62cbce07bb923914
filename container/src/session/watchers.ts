import type { Clock } from '../../../lib/clock.ts';

/** Lets asynchronous work wait for a condition on changing state, bounded. */
export class Watchers {
  private readonly looks = new Set<() => void>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The state changed: everybody who waits looks again. */
  changed(): void {
    for (const look of this.looks) look();
  }

  /** Whether `condition` came true within `ms`. */
  when(condition: () => boolean, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = () => {
        this.looks.delete(look);
        cancel();
        resolve(condition());
      };
      const cancel = this.clock.after(ms, done);
      const look = () => {
        if (condition()) done();
      };
      this.looks.add(look);
      look();
    });
  }
}
