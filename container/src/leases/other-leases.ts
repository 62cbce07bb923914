import type { LeaseRecord } from '../../../contract/records.ts';

interface Seen {
  lease: LeaseRecord;
  /** Looks of renewals in a row in which its number was the same; −1: it has changed since the last of them. */
  unchanged: number;
}

/**
 * The other instances' leases as they were last seen. Whether an instance is alive follows from its number alone, which rises with
 * every renewal, and from our own looks, which are a renewal's time apart: no time of day is compared, so clocks may be
 * wrong; and while the database is away nobody looks, so nobody is taken for dead.
 */
export class OtherLeases {
  private seen = new Map<string, Seen>();
  private readonly deadAfterLooks: number;

  constructor(deadAfterLooks: number) {
    this.deadAfterLooks = deadAfterLooks;
  }

  /** @param isRenewal the look counts: since the last one that did, everybody alive has had the time to renew */
  look(leases: readonly LeaseRecord[], isRenewal: boolean): void {
    const seen = new Map<string, Seen>();
    for (const lease of leases) {
      const before = this.seen.get(lease._id);
      const isSame = before?.lease.seq === lease.seq;
      const counted = isRenewal ? 1 : 0;
      seen.set(lease._id, { lease, unchanged: counted + (isSame ? before.unchanged : -1) });
    }
    this.seen = seen;
  }

  get alive(): LeaseRecord[] {
    return this.having((unchanged) => unchanged < this.deadAfterLooks);
  }

  get dead(): LeaseRecord[] {
    return this.having((unchanged) => unchanged >= this.deadAfterLooks);
  }

  /** Streams that they hold. */
  get slots(): number {
    return this.alive.reduce((sum, { slots }) => sum + slots, 0);
  }

  /** Their sessions that wait for one. */
  get waiting(): number {
    return this.alive.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** Whether one of them has sessions that wait, and less than its share. */
  isShort(share: number): boolean {
    return this.alive.some(({ slots, waiting }) => waiting > 0 && slots < share);
  }

  private having(matches: (unchanged: number) => boolean): LeaseRecord[] {
    return [...this.seen.values()].filter(({ unchanged }) => matches(unchanged)).map(({ lease }) => lease);
  }
}
