import { describe, expect, it } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import { Rig, started } from '../testing/rig.ts';
import { SESSION_TABLE, type SessionEvent } from './session-states.ts';
import type { VoiceState } from './voice-session.types.ts';

const ID = 'session-0001';

/** A session in this state; where it has a connection, `start` was not answered on it yet (but for `live`). */
const IN_STATE: Record<VoiceState, () => Promise<Rig>> = {
  idle: async () => new Rig(),
  connecting: async () => {
    const rig = new Rig();
    rig.session.start().catch(() => {});
    await answerPending(rig);
    return rig;
  },
  live: started,
  reconnecting: async () => {
    const rig = await started();
    rig.container.drop();
    await answerPending(rig);
    return rig;
  },
  stopping: async () => {
    const rig = await started();
    rig.container.paceHz = 0;
    rig.say(1_000);
    rig.session.stop().catch(() => {});
    rig.container.drop();
    await answerPending(rig);
    return rig;
  },
  ended: async () => {
    const rig = await started();
    await rig.done(rig.session.stop());
    return rig;
  },
  failed: async () => {
    const rig = await started();
    rig.container.takeOver(ID);
    await rig.clock.advance(100);
    return rig;
  },
};

/** Until `start` went out; its answer comes when `answer` lets it. */
async function answerPending(rig: Rig): Promise<void> {
  const dials = rig.container.dials.length;
  await rig.clock.until(() => rig.container.dials.length > dials);
  rig.container.latencyMs = 1_000;
  await rig.clock.advance(0);
}

/** Where these happen no connection stands, or nothing was asked that they could answer: nothing can bring them about. */
const CANNOT_HAPPEN: Partial<Record<SessionEvent, readonly VoiceState[]>> = {
  accepted: ['idle', 'live', 'ended', 'failed'],
  disconnected: ['idle', 'ended', 'failed'],
  completed: ['idle', 'ended', 'failed'],
  cancelled: ['idle', 'connecting', 'live', 'reconnecting', 'ended', 'failed'],
  failed: ['idle', 'ended', 'failed'],
};
/** What needs more than the state: it is brought about here. */
const SPECIAL: { event: SessionEvent; states: readonly VoiceState[]; rig: () => Promise<Rig> }[] = [
  {
    // nothing ever left the phone
    event: 'discard',
    states: ['connecting'],
    rig: async () => {
      const rig = new Rig();
      rig.container.reachable = false;
      rig.session.start().catch(() => {});
      await rig.clock.advance(1_000);
      return rig;
    },
  },
  {
    event: 'reclaimToStop',
    states: ['failed'],
    rig: async () => {
      const rig = await IN_STATE.stopping();
      rig.container.takeOver(ID);
      await rig.clock.advance(5_000);
      return rig;
    },
  },
];

/** Brings an event about in the state that the session is in. */
const BRING_ABOUT: Record<SessionEvent, (rig: Rig) => Promise<unknown>> = {
  start: async ({ session }) => void session.start().catch(() => {}),
  accepted: ({ clock }) => clock.advance(2_500),
  disconnected: async (rig) => {
    rig.container.reachable = false;
    rig.container.drop();
    await rig.clock.advance(10);
  },
  stop: async ({ session }) => void session.stop().catch(() => {}),
  completed: async (rig) => {
    rig.container.latencyMs = 0;
    rig.container.send('completed', { sessionId: ID, sentences: 0, durationMs: 0 });
    await rig.clock.advance(10);
  },
  cancel: async ({ session }) => void session.cancel().catch(() => {}),
  discard: async ({ session }) => void session.cancel().catch(() => {}),
  cancelled: async (rig) => {
    void rig.session.cancel().catch(() => {});
    await rig.clock.advance(10_000);
  },
  failed: async (rig) => {
    rig.container.latencyMs = 0;
    rig.container.send('error', { ...new VoiceError('SESSION_DELETED').toWire(), sessionId: ID });
    await rig.clock.advance(10);
  },
  reclaim: async ({ session }) => void session.reclaim().catch(() => {}),
  reclaimToStop: async ({ session }) => void session.reclaim().catch(() => {}),
  dispose: async ({ session }) => session.dispose(),
};

/** Only one of the two fits what the session knows: whether the container may have it, whether it was stopped. */
const OTHER_EVENT_FITS: Partial<Record<SessionEvent, readonly VoiceState[]>> = {
  cancel: ['idle'],
  discard: ['live', 'reconnecting', 'stopping'],
  reclaimToStop: ['idle', 'connecting', 'live', 'reconnecting', 'stopping', 'ended'],
};

describe.each(SESSION_TABLE.states)('in the state %s', (state) => {
  it.each(SESSION_TABLE.events)('%s is decided, and does what the table says', async (event) => {
    const next = SESSION_TABLE.next(state, event);
    expect([...SESSION_TABLE.states, 'stay', 'none']).toContain(next);
    if (CANNOT_HAPPEN[event]?.includes(state)) {
      expect(next).toBe('none');
      return;
    }
    if (OTHER_EVENT_FITS[event]?.includes(state)) return;
    const special = SPECIAL.find((one) => one.event === event && one.states.includes(state));
    const rig = await (special?.rig ?? IN_STATE[state])();
    expect(rig.session.status.state).toBe(state);
    rig.changes.length = 0;
    await BRING_ABOUT[event](rig);
    const expected = next === 'stay' || next === 'none' ? state : next;
    expect(rig.session.status.state).toBe(expected);
    // Whoever leaves is not told of it.
    if (event === 'dispose') expect(rig.changes).toEqual([]);
    else if (expected !== state) expect(rig.changes.at(-1)).toMatchObject({ new: expected });
    else if (event !== 'cancel') expect(rig.changes).toEqual([]);
  });
});

it('a change says from where, to where and why', async () => {
  const rig = await started();
  rig.container.drop();
  await rig.clock.advance(1_000);
  expect(rig.changes).toEqual([
    { old: 'idle', new: 'connecting', reason: 'start' },
    { old: 'connecting', new: 'live', reason: 'started' },
    { old: 'live', new: 'reconnecting', reason: 'lost:transport close' },
    { old: 'reconnecting', new: 'live', reason: 'resumed' },
  ]);
});
