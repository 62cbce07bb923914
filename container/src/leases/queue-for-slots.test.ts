import { describe, expect, it } from 'vitest';
import { tone } from '../../testing/audio.ts';
import { LeaseFleet } from '../../testing/lease-fleet.ts';
import { FakeClientSocket, Rig } from '../../testing/rig.ts';
import { DatabaseBudget } from '../store/database-budget.ts';
import { UpstreamAdmission } from '../upstream/admission.ts';
import { ADMISSION_RULES, RELAY_RULES } from '../upstream/rules.ts';
import { LEASE_RULES } from './rules.ts';

const BUSY = { code: 4_006, error: 'ASR_BUSY', retryAfterMs: 3_000 } as const;
const { renewMs, lostMs } = LEASE_RULES;

/** Instances whose sessions share the streams of one account. */
function service(streams: number) {
  const fleet = new LeaseFleet(streams);
  const { clock } = fleet;
  const instance = () => {
    const member = fleet.start();
    const admission = new UpstreamAdmission(clock, member.leases);
    const deps = { admission, budget: new DatabaseBudget(clock, 10_000) };
    const rig = new Rig({ clock, deps, limits: { maxSessions: 500, maxSessionsPerUser: 500 } });
    let sessions = 0;
    /** A session that says something. */
    const speaking = async () => {
      const peer = new FakeClientSocket();
      const started = await rig.start({ sessionId: `session-${sessions++}` }, peer);
      started.session.audio(peer, { pos: 0, pcm: tone(500) });
      return { ...started, place: () => peer.of('queue').at(-1)?.place };
    };
    return { ...member, rig, speaking };
  };
  return { fleet, clock, instance };
}

describe('a session without a slot', () => {
  it('dials nobody, is told its place, and begins where its audio began when another one ends', async () => {
    const { fleet, clock, instance } = service(2);
    const { rig, speaking, leases } = instance();
    await fleet.settle();
    const [one, two] = [await speaking(), await speaking()];
    const [three, four] = [await speaking(), await speaking()];
    expect(rig.asr.connections).toHaveLength(2);
    expect([one, two, three, four].map(({ place }) => place())).toEqual([undefined, undefined, 1, 2]);
    expect(three.peer.of('queue')).toHaveLength(1);
    for (const connection of rig.asr.connections) connection.open();
    await clock.advance(10_000);
    await one.session.cancel();
    await clock.advance(ADMISSION_RULES.slotMs);
    expect(rig.asr.connections).toHaveLength(3);
    expect(four.place()).toBe(2);
    rig.asr.newest.open();
    expect([three.place(), four.place()]).toEqual([0, 1]);
    await clock.advance(1_000);
    expect(rig.asr.newest.sentMs).toBe(500);
    expect(leases.slots).toEqual({ granted: 2, used: 2 });
  });

  it('waits for the next block only, and all who do begin within a second', async () => {
    const { fleet, clock, instance } = service(100);
    const { rig, speaking } = instance();
    await fleet.settle();
    const { blockSlots, askMs } = LEASE_RULES;
    for (let i = 0; i < blockSlots + 8; i++) await speaking();
    expect(rig.asr.connections).toHaveLength(blockSlots);
    await clock.advance(askMs + 200 + 8 * ADMISSION_RULES.slotMs);
    expect(rig.asr.connections).toHaveLength(blockSlots + 8);
  });

  it('goes behind those who wait already, though a slot may have come free', async () => {
    const { fleet, clock, instance } = service(1);
    const { rig, speaking } = instance();
    await fleet.settle();
    const [one, two] = [await speaking(), await speaking()];
    await one.session.cancel();
    const three = await speaking();
    expect([two.place(), three.place()]).toEqual([1, 2]);
    await clock.advance(ADMISSION_RULES.slotMs);
    rig.asr.newest.open();
    expect([two.place(), three.place()]).toEqual([0, 1]);
  });

  it('that needs none any more leaves the queue: stopped without audio, ended, or given away', async () => {
    const { fleet, clock, instance } = service(1);
    const { rig, speaking, leases } = instance();
    await fleet.settle();
    await speaking();
    const silent = await rig.start({ sessionId: 'session-silent' }, new FakeClientSocket());
    const ended = await speaking();
    const given = await speaking();
    expect(leases.waitingElsewhere).toBe(0);
    const stopped = silent.session.stop(0);
    await clock.advance(500);
    await expect(stopped).resolves.toMatchObject({ durationMs: 0 });
    await ended.session.cancel();
    expect(given.place()).toBe(1);
    void given.session.handOver(5_000);
    await clock.advance(6_000);
    expect(rig.asr.connections).toHaveLength(1);
    expect(leases.slots.used).toBe(1);
  });

  it('beyond the length of the queue tries by itself', async () => {
    const { fleet, clock, instance } = service(1);
    const { rig, speaking } = instance();
    await fleet.settle();
    const sessions = [];
    for (let i = 0; i < ADMISSION_RULES.maxWaiting + 2; i++) sessions.push(await speaking());
    expect(sessions.at(-1)?.place()).toBeUndefined();
    for (const { session } of sessions.slice(0, -1)) await session.cancel();
    await clock.advance(ADMISSION_RULES.retryMs + 1_000);
    expect(rig.asr.newest.state).toBe('dialling');
    expect(rig.manager.size).toBe(1);
  });

  it('counts those ahead of it on other instances, and not who comes there later', async () => {
    const { fleet, clock, instance } = service(2);
    const [first, second] = [instance(), instance()];
    await fleet.settle();
    await first.speaking();
    await first.speaking();
    const elsewhere = [await first.speaking(), await first.speaking(), await first.speaking()];
    await clock.advance(2 * renewMs);
    const here = await second.speaking();
    expect(here.place()).toBe(4);
    await first.speaking();
    await clock.advance(2 * renewMs);
    expect(here.place()).toBe(4);
    for (const { session } of elsewhere) await session.cancel();
    await clock.advance(2 * renewMs);
    expect(here.place()).toBe(2);
  });
});

describe('a session with a slot', () => {
  it('keeps it from stream to stream, and gives it back while it needs none', async () => {
    const { fleet, clock, instance } = service(1);
    const { rig, speaking, leases } = instance();
    await fleet.settle();
    const one = await speaking();
    rig.asr.newest.open();
    await clock.advance(1_000);
    rig.asr.newest.fail({ code: 5_000 });
    await clock.advance(200);
    expect(leases.slots.used).toBe(1);
    rig.asr.newest.open();
    await clock.advance(RELAY_RULES.idleCloseMs + 1_000);
    expect(leases.slots.used).toBe(0);
    one.session.audio(one.peer, { pos: 8_000, pcm: tone(500) });
    expect(leases.slots.used).toBe(1);
    rig.asr.newest.open();
    await one.session.cancel();
    expect(leases.slots.used).toBe(0);
  });

  it('to whom the account refuses a stream keeps it, and tries again in its turn', async () => {
    const { fleet, clock, instance } = service(2);
    const { rig, speaking, leases } = instance();
    await fleet.settle();
    const [one, two] = [await speaking(), await speaking()];
    const three = await speaking();
    for (const connection of rig.asr.connections) connection.fail(BUSY);
    expect([three.place(), one.place(), two.place()]).toEqual([1, 2, 3]);
    expect(leases.slots.used).toBe(2);
    await clock.advance(ADMISSION_RULES.retryMs);
    expect(rig.asr.connections).toHaveLength(3);
    rig.asr.newest.open();
    await clock.advance(ADMISSION_RULES.nextMs);
    rig.asr.newest.open();
    expect([one.place(), two.place()]).toEqual([0, 0]);
    await one.session.cancel();
    await clock.advance(ADMISSION_RULES.slotMs);
    rig.asr.newest.open();
    expect(three.place()).toBe(0);
  });
});

it('a lease that is lost lets in who waits, as the recogniser alone decides then', async () => {
  const { fleet, clock, instance } = service(1);
  const { rig, speaking } = instance();
  await fleet.settle();
  const sessions = [await speaking(), await speaking(), await speaking()];
  rig.asr.newest.open();
  fleet.store.fateOf = () => ({ latencyMs: 20, effect: 'error' });
  await clock.advance(lostMs + 1_000);
  expect(rig.asr.connections.length).toBeGreaterThanOrEqual(3);
  expect(sessions[2]?.place()).toBeDefined();
  await speaking();
  expect(rig.asr.newest.state).toBe('dialling');
});

it('a session on another instance gets the stream that is given back, within seconds', async () => {
  const { fleet, clock, instance } = service(1);
  const first = instance();
  await fleet.settle();
  const second = instance();
  await fleet.settle();
  const one = await first.speaking();
  first.rig.asr.newest.open();
  const two = await second.speaking();
  expect(two.place()).toBe(1);
  await clock.advance(5_000);
  await one.session.cancel();
  await clock.advance(6_000);
  second.rig.asr.newest.open();
  expect(two.place()).toBe(0);
  expect(fleet.granted).toBe(1);
});
