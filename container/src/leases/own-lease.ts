import type { LeaseRecord } from '../../../contract/records.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { LeaseStore } from '../store/types.ts';

/**
 * Our lease as it is stored. Each write has a number of its own and takes place only on the lease that was read before, so that one
 * that was given up and takes place late either is the one that the next reading shows, or changes nothing.
 */
export class OwnLease {
  /** As last read; undefined: there is none. */
  private stored: LeaseRecord | undefined;
  /** Of our newest write, whether it took place or not. */
  private newestSeq = 0;
  private readonly store: LeaseStore;
  private readonly clock: Clock;
  private readonly id: string;

  constructor(store: LeaseStore, clock: Clock, id: string) {
    this.store = store;
    this.clock = clock;
    this.id = id;
  }

  get exists(): boolean {
    return this.stored !== undefined;
  }

  /** Of the sessions that wait only whether there are any is told at once. */
  shows(slots: number, waiting: number): boolean {
    const { stored } = this;
    return (
      stored !== undefined &&
      stored.seq === this.newestSeq &&
      stored.slots === slots &&
      stored.waiting > 0 === waiting > 0
    );
  }

  /** @throws VoiceError STORE_UNAVAILABLE (it may have taken place, or may later), STORE_MISCONFIGURED */
  async write(slots: number, waiting: number): Promise<void> {
    this.newestSeq += 1;
    const { id: _id, newestSeq: seq } = this;
    const renewedAt = new Date(this.clock.now());
    await this.store.put({ _id, slots, waiting, seq, renewedAt }, this.stored?.seq);
  }

  /**
   * Finds our lease in what was read.
   * @returns how many streams it shows; undefined where our newest write is not to be seen: an earlier one may still take place
   */
  find(leases: readonly LeaseRecord[]): number | undefined {
    this.stored = leases.find(({ _id }) => _id === this.id);
    return this.stored?.seq === this.newestSeq ? this.stored.slots : undefined;
  }
}
