import { describe, expect, it } from 'vitest';
import { LeaseFleet } from '../../testing/lease-fleet.ts';
import { LEASE_RULES } from './rules.ts';

const { blockSlots: BLOCK, renewMs, askMs } = LEASE_RULES;
/** A look, and a claim behind it. */
const SOON_MS = 1_500;

describe('an instance alone', () => {
  it('holds a block before its first session, and the next one before the first is used up', async () => {
    const fleet = new LeaseFleet(100);
    const one = fleet.start();
    expect(one.take(1)).toBe(0);
    await fleet.settle();
    expect(one.leases.slots).toEqual({ granted: BLOCK, used: 0 });
    expect(one.take(15)).toBe(15);
    await fleet.clock.advance(SOON_MS);
    expect(one.leases.slots.granted).toBe(BLOCK);
    expect(one.take(1)).toBe(1);
    await fleet.clock.advance(SOON_MS);
    expect(one.leases.slots).toEqual({ granted: 2 * BLOCK, used: 16 });
  });

  it('takes no more than the account has, and no more than it has sessions', async () => {
    const fleet = new LeaseFleet(50);
    const one = fleet.start();
    for (let i = 0; i < 60; i++) {
      one.take(1);
      await fleet.clock.advance(SOON_MS);
    }
    expect(one.leases.slots).toEqual({ granted: 50, used: 50 });
    const other = new LeaseFleet(50);
    const small = other.start({ maxSessions: 7 });
    await other.settle();
    expect(small.leases.slots.granted).toBe(7);
  });

  it('gives back what is more than a block to spare, and keeps one', async () => {
    const fleet = new LeaseFleet(100);
    const one = fleet.start();
    await fleet.settle();
    one.take(16);
    await fleet.clock.advance(SOON_MS);
    one.take(24);
    await fleet.clock.advance(SOON_MS);
    expect(one.leases.slots.granted).toBe(3 * BLOCK);
    one.give(10);
    await fleet.clock.advance(renewMs + SOON_MS);
    expect(one.leases.slots.granted).toBe(2 * BLOCK);
    one.give(30);
    await fleet.clock.advance(renewMs + SOON_MS);
    expect(fleet.stored).toEqual([BLOCK]);
  });

  it('finds at once what comes in a burst, when it has asked', async () => {
    const fleet = new LeaseFleet(200);
    const one = fleet.start();
    await fleet.settle();
    expect(one.take(50)).toBe(BLOCK);
    one.leases.setWaiting(30);
    await fleet.clock.advance(askMs + 200);
    expect(one.take(30)).toBe(30);
  });
});

describe('instances that want the same streams', () => {
  it('never hold more than there are, whenever they start, and in the end all are held', async () => {
    for (let apartMs = 0; apartMs <= 60; apartMs += 4) {
      const fleet = new LeaseFleet(BLOCK, apartMs);
      const members = [fleet.start()];
      await fleet.clock.advance(apartMs);
      members.push(fleet.start());
      for (const { leases } of members) leases.setWaiting(BLOCK);
      for (let ms = 0; ms < 20_000; ms += 10) {
        await fleet.clock.advance(10);
        expect(fleet.granted).toBeLessThanOrEqual(BLOCK);
      }
      expect(fleet.granted).toBe(BLOCK);
      expect(fleet.stored.reduce((sum, slots) => sum + slots)).toBe(BLOCK);
    }
  }, 60_000);

  it('do not take it back from each other for ever where the database is slow', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const fleet = new LeaseFleet(1, seed);
      fleet.store.fateOf = () => ({ latencyMs: 2_000 });
      const members = [fleet.start(), fleet.start(), fleet.start()];
      for (const { leases } of members) leases.setWaiting(1);
      for (let ms = 0; ms < 180_000 && fleet.granted === 0; ms += 1_000) await fleet.clock.advance(1_000);
      expect(fleet.granted).toBe(1);
    }
  });

  it('leave to each other what they do not use, at once', async () => {
    const fleet = new LeaseFleet(BLOCK);
    const one = fleet.start();
    await fleet.settle();
    one.take(3);
    const two = fleet.start();
    await fleet.settle();
    expect(two.take(1)).toBe(0);
    two.leases.setWaiting(4);
    await fleet.clock.advance(renewMs + 2 * SOON_MS);
    expect(one.leases.slots).toEqual({ granted: 3, used: 3 });
    expect(two.take(4)).toBe(4);
    two.leases.setWaiting(0);
    one.give(1);
    two.take(15);
    two.leases.setWaiting(2);
    await fleet.clock.advance(2 * SOON_MS);
    expect(two.leases.slots.granted).toBe(BLOCK - 2);
  });

  it('give an instance that is short of its share what is used no more, before their own sessions', async () => {
    const fleet = new LeaseFleet(2 * BLOCK);
    const one = fleet.start();
    await fleet.settle();
    one.leases.setWaiting(3 * BLOCK);
    await fleet.clock.advance(SOON_MS);
    expect(one.take(2 * BLOCK)).toBe(2 * BLOCK);
    one.leases.setWaiting(BLOCK);
    const two = fleet.start();
    two.leases.setWaiting(5);
    await fleet.clock.advance(2 * renewMs);
    one.give(3);
    expect(one.take(3)).toBe(0);
    await fleet.clock.advance(2 * SOON_MS);
    expect(two.take(5)).toBe(3);
    expect(one.leases.waitingElsewhere).toBe(5);
  });
});

describe('an instance that ends', () => {
  it('gives back what its sessions leave while it drains, and all of it at the end', async () => {
    const fleet = new LeaseFleet(BLOCK);
    const one = fleet.start();
    await fleet.settle();
    one.take(BLOCK);
    const two = fleet.start();
    two.leases.setWaiting(BLOCK);
    one.leases.drain();
    await fleet.settle();
    one.give(5);
    await fleet.clock.advance(3 * SOON_MS);
    expect(two.leases.slots.granted).toBe(5);
    one.give(15);
    const ended = one.leases.end();
    await fleet.clock.advance(1_000);
    await ended;
    expect(fleet.stored).toHaveLength(1);
    await fleet.clock.advance(2 * SOON_MS);
    expect(two.leases.slots.granted).toBe(BLOCK);
  });

  it('sets no timer any more, however often it is ended, and while a request is under way', async () => {
    const fleet = new LeaseFleet(BLOCK);
    const one = fleet.start();
    await fleet.settle();
    one.leases.setWaiting(1);
    await fleet.clock.advance(askMs + 5);
    const ended = Promise.all([one.leases.end(), one.leases.end()]);
    await fleet.clock.advance(1_000);
    await ended;
    expect(fleet.clock.pending).toBe(0);
    expect(fleet.stored).toEqual([]);
    one.leases.setWaiting(0);
    expect(fleet.clock.pending).toBe(0);
  });
});

describe('what the leases ask of the database', () => {
  const requestsIn = async (fleet: LeaseFleet, ms: number): Promise<number> => {
    const before = fleet.store.requests;
    await fleet.clock.advance(ms);
    return fleet.store.requests - before;
  };

  it('is a write and a look at each renewal', async () => {
    const fleet = new LeaseFleet(100);
    fleet.start();
    await fleet.settle();
    expect(await requestsIn(fleet, 100_000)).toBeLessThanOrEqual(20);
  });

  it('is less than one a second while sessions wait for what nobody gives back', async () => {
    const fleet = new LeaseFleet(BLOCK);
    const one = fleet.start();
    await fleet.settle();
    one.take(BLOCK);
    one.leases.setWaiting(10);
    await fleet.settle();
    const requests = await requestsIn(fleet, 100_000);
    expect(requests).toBeGreaterThan(50);
    expect(requests).toBeLessThan(100);
  });

  it('is at most two a second and instance while all streams change hands', async () => {
    const fleet = new LeaseFleet(BLOCK);
    const members = [fleet.start(), fleet.start(), fleet.start()];
    await fleet.settle();
    const before = fleet.store.requests;
    for (let second = 0; second < 120; second++) {
      for (const { leases, take, give } of members) {
        const { used } = leases.slots;
        if (used > 0) give(1);
        leases.setWaiting(3);
        if (take(1) > 0) leases.setWaiting(2);
      }
      await fleet.clock.advance(1_000);
    }
    expect(fleet.store.requests - before).toBeLessThanOrEqual(2 * 3 * 120);
  });
});
