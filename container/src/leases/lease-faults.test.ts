import { describe, expect, it } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import { Random } from '../../../lib/random.ts';
import type { LeaseFate } from '../../testing/fake-leases.ts';
import { type FleetMember, LeaseFleet } from '../../testing/lease-fleet.ts';
import { MAX_LEASES } from '../store/types.ts';
import { LEASE_RULES } from './rules.ts';

const { blockSlots: BLOCK, renewMs, lostMs } = LEASE_RULES;
const PROMPT: LeaseFate = { latencyMs: 20 };
const AWAY: LeaseFate = { latencyMs: 20, effect: 'error' };
/** A renewal, the looks that it takes to see that somebody is dead, and the requests in between. */
const DEAD_WITHIN_MS = renewMs + (LEASE_RULES.deadAfterLooks + 1) * renewMs + 2_000;
const LOST = 'the lease is lost: sessions are not counted';

describe('a write', () => {
  it('whose answer is lost counts as soon as it is seen', async () => {
    const fleet = new LeaseFleet(100);
    fleet.store.fateOf = (action) => (action === 'put' ? { latencyMs: 20, effect: 'lost' } : PROMPT);
    const one = fleet.start();
    await fleet.settle();
    expect(one.leases).toMatchObject({ state: 'held', slots: { granted: BLOCK } });
    await fleet.clock.advance(10 * renewMs);
    expect(one.leases).toMatchObject({ state: 'held', slots: { granted: BLOCK } });
  });

  it('that takes place after it was given up shows never less than what is held', async () => {
    const soonAfter = Array.from({ length: 40 }, (_, i) => 4_900 + 40 * i);
    for (const lateMs of [...soonAfter, 9_000, 15_000, 31_000]) {
      const fleet = new LeaseFleet(100, lateMs);
      const one = fleet.start();
      await fleet.settle();
      one.take(16);
      await fleet.settle();
      one.give(16);
      // What gives a block back is late, and the block is wanted again before.
      let puts = 0;
      fleet.store.fateOf = (action) => {
        if (action === 'put') puts += 1;
        return action === 'put' && puts === 1 ? { latencyMs: 20, effect: 'late', lateMs } : PROMPT;
      };
      await fleet.clock.advance(renewMs);
      expect(one.leases.slots.granted).toBe(BLOCK);
      one.take(16);
      for (let ms = 0; ms < 40_000; ms += 50) {
        await fleet.clock.advance(50);
        expect(fleet.stored[0]).toBeGreaterThanOrEqual(one.leases.slots.granted);
      }
      expect(one.leases.slots.granted).toBe(2 * BLOCK);
    }
  }, 60_000);

  it('that takes place after its lease was removed and made again changes nothing', async () => {
    const fleet = new LeaseFleet(BLOCK);
    const one = fleet.start();
    await fleet.settle();
    const other = { _id: 'other', slots: 0, waiting: 1, seq: 1, renewedAt: new Date(0) };
    fleet.store.documents.set('other', other);
    let puts = 0;
    fleet.store.fateOf = (action) => {
      if (action === 'put') puts += 1;
      return action === 'put' && puts === 2 ? { latencyMs: 20, effect: 'late', lateMs: 18_000 } : PROMPT;
    };
    await fleet.clock.until(() => puts === 2);
    expect(one.leases.slots.granted).toBe(0);
    fleet.store.documents.clear();
    for (let ms = 0; ms < 40_000; ms += 50) {
      await fleet.clock.advance(50);
      expect(fleet.stored[0] ?? 0).toBeGreaterThanOrEqual(one.leases.slots.granted);
    }
    expect(one.leases.slots.granted).toBe(BLOCK);
  });
});

describe('renewals that fail for minutes', () => {
  it('end nothing: sessions go on, new ones are not counted, and when they succeed again all are', async () => {
    const fleet = new LeaseFleet(BLOCK + 2);
    const one = fleet.start();
    await fleet.settle();
    one.take(BLOCK);
    fleet.store.fateOf = () => AWAY;
    await fleet.clock.advance(lostMs - renewMs);
    expect(one.leases.state).toBe('held');
    await fleet.clock.advance(2 * renewMs);
    expect(one.leases.state).toBe('lost');
    expect(one.take(30)).toBe(30);
    await fleet.clock.advance(5 * 60_000);
    expect(one.leases.slots.used).toBe(BLOCK + 30);
    expect(one.log.filter((line) => line === LOST)).toHaveLength(1);
    fleet.store.fateOf = () => PROMPT;
    await fleet.clock.advance(renewMs);
    expect(one.leases).toMatchObject({ state: 'held', slots: { used: BLOCK + 30 } });
    expect(one.log.at(-1)).toBe('the lease is held again');
    expect(one.take(1)).toBe(0);
    const two = fleet.start();
    await fleet.settle();
    expect(two.take(1)).toBe(0);
    one.give(31);
    await fleet.clock.advance(renewMs);
    expect(one.take(3)).toBe(3);
    expect(one.take(1)).toBe(0);
  });

  it('from the beginning let sessions in at once', async () => {
    const fleet = new LeaseFleet(BLOCK);
    fleet.store.fateOf = () => AWAY;
    const one = fleet.start();
    let changes = 0;
    one.leases.onChange(() => {
      changes += 1;
    });
    await fleet.clock.advance(100);
    expect(one.leases.state).toBe('lost');
    expect(changes).toBeGreaterThan(0);
    expect(one.take(BLOCK + 1)).toBe(BLOCK + 1);
  });

  it('because nobody answers are the same', async () => {
    const fleet = new LeaseFleet(BLOCK);
    const one = fleet.start();
    await fleet.settle();
    fleet.store.fateOf = () => ({ latencyMs: 0, effect: 'late', lateMs: 3_600_000 });
    await fleet.clock.advance(lostMs + renewMs);
    expect(one.leases.state).toBe('lost');
  });

  it('make no instance count another one as dead', async () => {
    const fleet = new LeaseFleet(2 * BLOCK);
    const [one, two] = [fleet.start(), fleet.start()];
    await fleet.settle();
    one.take(BLOCK);
    two.take(BLOCK);
    fleet.store.fateOf = () => AWAY;
    await fleet.clock.advance(10 * 60_000);
    fleet.store.fateOf = () => PROMPT;
    for (let ms = 0; ms < 2 * DEAD_WITHIN_MS; ms += 250) {
      await fleet.clock.advance(250);
      expect(fleet.granted).toBeLessThanOrEqual(2 * BLOCK);
      expect(fleet.stored).toHaveLength(2);
    }
    expect(fleet.stored).toEqual([BLOCK, BLOCK]);
  });
});

describe('an instance that is killed', () => {
  it('is taken for dead after half a minute, not before, and what it held is somebody else’s', async () => {
    const fleet = new LeaseFleet(BLOCK);
    const one = fleet.start();
    await fleet.settle();
    one.take(BLOCK);
    const two = fleet.start();
    two.leases.setWaiting(3);
    await fleet.clock.advance(renewMs);
    one.kill();
    await fleet.clock.advance(20_000);
    expect(two.take(1)).toBe(0);
    await fleet.clock.advance(DEAD_WITHIN_MS - 20_000);
    expect(two.take(3)).toBe(3);
    expect(fleet.store.documents.size).toBe(1);
  });

  it('leaves nothing that anybody waits for, however many do so, and in whatever order', async () => {
    const fleet = new LeaseFleet(5 * BLOCK);
    for (let i = 0; i < 5; i++) {
      const member = fleet.start();
      await fleet.settle();
      member.take(BLOCK);
      member.kill();
    }
    const last = fleet.start();
    last.leases.setWaiting(5 * BLOCK);
    await fleet.clock.advance(DEAD_WITHIN_MS);
    expect(last.take(5 * BLOCK)).toBe(5 * BLOCK);
    await fleet.clock.advance(5 * renewMs);
    expect(fleet.store.documents.size).toBe(1);
  });

  it('is not removed where it has renewed meanwhile', async () => {
    const fleet = new LeaseFleet(BLOCK);
    const one = fleet.start();
    await fleet.settle();
    one.take(2);
    // Its requests are answered, but late: it is slow, and alive.
    const two = fleet.start();
    fleet.store.fateOf = () => ({ latencyMs: 4_000 });
    await fleet.clock.advance(3 * DEAD_WITHIN_MS);
    fleet.store.fateOf = () => PROMPT;
    await fleet.clock.advance(renewMs);
    expect(fleet.stored).toHaveLength(2);
    expect([one.leases.state, two.leases.state]).toEqual(['held', 'held']);
  });

  it('and is taken for dead although it lives holds nothing until it has asked again', async () => {
    const fleet = new LeaseFleet(BLOCK);
    const one = fleet.start();
    await fleet.settle();
    one.take(4);
    fleet.store.documents.clear();
    const two = fleet.start();
    two.leases.setWaiting(BLOCK);
    await fleet.settle();
    expect(two.leases.slots.granted).toBe(BLOCK);
    await fleet.clock.advance(renewMs);
    expect(one.leases.slots).toEqual({ granted: 0, used: 4 });
    expect(one.take(1)).toBe(0);
    expect([...fleet.store.documents.values()].map(({ slots }) => slots).sort()).toEqual([BLOCK, 4].sort());
  });
});

it('clocks that differ by hours change nothing', async () => {
  const fleet = new LeaseFleet(2 * BLOCK);
  const members = [3_600_000, -3_600_000, 0].map((skewMs) => fleet.start({ skewMs }));
  for (const { leases } of members) leases.setWaiting(5);
  for (let ms = 0; ms < 3 * DEAD_WITHIN_MS; ms += 500) {
    await fleet.clock.advance(500);
    expect(fleet.granted).toBeLessThanOrEqual(2 * BLOCK);
  }
  expect(fleet.stored).toHaveLength(3);
  expect(members.map(({ leases }) => leases.state)).toEqual(['held', 'held', 'held']);
});

it('a collection that is missing is told once, and sessions are not counted until it is there', async () => {
  const fleet = new LeaseFleet(BLOCK);
  const { list, put } = fleet.store;
  const refuse = () =>
    Promise.reject(new VoiceError('STORE_MISCONFIGURED', { cause: new Error('no collection') }));
  Object.assign(fleet.store, { list: refuse, put: refuse });
  const one = fleet.start();
  await fleet.clock.advance(10 * 60_000);
  expect(one.leases.state).toBe('lost');
  expect(one.take(BLOCK + 5)).toBe(BLOCK + 5);
  expect(one.health.faults).toEqual([{ dependency: 'leases', code: 'STORE_MISCONFIGURED' }]);
  expect(one.log.filter((line) => line.includes('its configuration is wrong'))).toHaveLength(1);
  const failures = await one.metrics.leaseFailures.get();
  expect(failures.values[0]).toMatchObject({ labels: { code: 'STORE_MISCONFIGURED' } });
  Object.assign(fleet.store, { list, put });
  await fleet.clock.advance(renewMs + 1_000);
  expect(one.leases.state).toBe('held');
  expect(one.health.faults).toEqual([]);
});

it('where there are more leases than are read at once, nobody takes more', async () => {
  const fleet = new LeaseFleet(100_000);
  for (let i = 0; i < MAX_LEASES - 1; i++)
    fleet.store.documents.set(`old-${i}`, {
      _id: `old-${i}`,
      slots: 0,
      waiting: 0,
      seq: 1,
      renewedAt: new Date(0),
    });
  const one = fleet.start();
  await fleet.settle();
  expect(one.leases.state).toBe('held');
  expect(one.take(1)).toBe(0);
});

/** A course that the seed decides: sessions come and go, instances start, end and are killed, and requests fail in every way. */
async function course(seed: number): Promise<void> {
  const random = new Random(`leases-${seed}`);
  const fleet = new LeaseFleet(random.int(1, 3 * BLOCK), seed);
  const faults: LeaseFate['effect'][] = ['error', 'lost', 'late'];
  const share = random.pick([0, 0.05, 0.3]);
  fleet.store.fateOf = () => ({
    latencyMs: random.int(2, 400),
    ...(random.chance(share) && { effect: random.pick(faults), lateMs: random.int(1, 30_000) }),
  });
  const members: FleetMember[] = [];
  for (let step = 0; step < 400; step++) {
    const member = members.length > 0 ? random.pick(members) : undefined;
    const draw = random.next();
    if (!member || (draw < 0.02 && members.length < 4)) members.push(fleet.start());
    else if (draw < 0.03) {
      member.kill();
      members.splice(members.indexOf(member), 1);
    } else if (draw < 0.5) member.take(random.int(1, 12));
    else if (draw < 0.8) member.give(random.int(0, member.leases.slots.used));
    else member.leases.setWaiting(random.int(0, 10));
    await fleet.clock.advance(random.int(10, 700));
    const inOrder = members.every(
      ({ leases: { state, slots } }) => state !== 'lost' && slots.used <= slots.granted,
    );
    if (inOrder) expect(fleet.granted, `seed ${seed}, step ${step}`).toBeLessThanOrEqual(fleet.limit);
  }
}

it('whatever happens, the instances that hold their leases hold no more than there is', async () => {
  for (let seed = 1; seed <= 60; seed++) await course(seed);
}, 120_000);
