import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LeaseRecord } from '../../contract/records.ts';
import type { LeaseStore } from '../src/store/types.ts';

export const aLease = (patch: Partial<LeaseRecord> = {}): LeaseRecord => ({
  _id: randomUUID(),
  slots: 20,
  waiting: 0,
  seq: 1,
  renewedAt: new Date(1_760_000_000_000),
  ...patch,
});

/** The tests that every store of leases must pass. */
export function describeLeaseStore(name: string, make: () => LeaseStore): void {
  describe(`the store of leases ${name}`, () => {
    const stored = async (store: LeaseStore, _id: string) =>
      (await store.list()).find((lease) => lease._id === _id);

    it('shows the leases of all instances, as they were put', async () => {
      const store = make();
      const [a, b] = [aLease(), aLease({ slots: 40, waiting: 3 })];
      await store.put(a, undefined);
      await store.put(b, undefined);
      expect(await store.list()).toEqual(expect.arrayContaining([a, b]));
    });

    it('puts a lease only on the one that was read', async () => {
      const store = make();
      const { _id } = aLease();
      await store.put(aLease({ _id, seq: 1 }), undefined);
      await store.put(aLease({ _id, seq: 2, slots: 60 }), undefined);
      expect(await stored(store, _id)).toMatchObject({ seq: 1, slots: 20 });
      await store.put(aLease({ _id, seq: 3, slots: 60 }), 1);
      expect(await stored(store, _id)).toEqual(aLease({ _id, seq: 3, slots: 60 }));
      await store.put(aLease({ _id, seq: 2, slots: 80 }), 1);
      expect(await stored(store, _id)).toMatchObject({ seq: 3, slots: 60 });
    });

    it('puts nothing where the lease that was read is gone', async () => {
      const store = make();
      const { _id } = aLease();
      await store.put(aLease({ _id, seq: 2 }), 1);
      expect(await stored(store, _id)).toBeUndefined();
    });

    it('removes a lease that has the number given, or any', async () => {
      const store = make();
      const lease = aLease({ seq: 5 });
      await store.put(lease, undefined);
      await store.remove(lease._id, 4);
      expect(await stored(store, lease._id)).toEqual(lease);
      await store.remove(lease._id, 5);
      expect(await stored(store, lease._id)).toBeUndefined();
      await store.put(lease, undefined);
      await store.remove(lease._id);
      await store.remove(lease._id);
      expect(await stored(store, lease._id)).toBeUndefined();
    });
  });
}
