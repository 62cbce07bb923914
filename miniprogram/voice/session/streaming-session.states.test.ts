import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import { Rig, started, stopAndCompare } from '../testing/rig.ts';
import { BACKOFF } from './retry.ts';

describe('attempts', () => {
  it('are reset by progress', async () => {
    const rig = await started();
    rig.container.reachable = false;
    rig.container.drop();
    await rig.clock.advance(10_000);
    expect(rig.session.status.attempt).toBeGreaterThan(3);
    rig.container.reachable = true;
    await rig.speak(12_000);
    expect(rig.session.status.attempt).toBe(0);
  });

  it('are not reset by a container that accepts and then closes', async () => {
    const rig = await started();
    await rig.clock.advance(5_000);
    const dials = rig.container.dials.length;
    for (let i = 0; i < 600; i++) {
      rig.container.drop();
      await rig.clock.advance(100);
    }
    const shortestMs = BACKOFF.maxMs * (1 - BACKOFF.jitter);
    expect(rig.container.dials.length - dials).toBeLessThan(60_000 / shortestMs);
  });
});

describe('draining', () => {
  it('stays until the instance closes the connection, then moves to another at once', async () => {
    const rig = await started();
    await rig.speak(1_000);
    const dials = rig.container.dials.length;
    rig.container.send('draining', { deadlineMs: 5_000 });
    await rig.speak(1_000);
    expect(rig.container.dials).toHaveLength(dials);
    rig.container.drop();
    await rig.speak(200);
    expect(rig.container.dials).toHaveLength(dials + 1);
    expect(rig.reasons).toContain('live → reconnecting: draining');
    expect(rig.session.status.state).toBe('live');
    await stopAndCompare(rig);
  });

  it('leaves by itself an instance that stays beyond its deadline', async () => {
    const rig = await started();
    await rig.speak(1_000);
    const dials = rig.container.dials.length;
    rig.container.send('draining', { deadlineMs: 1_000 });
    await rig.speak(6_000);
    expect(rig.container.dials).toHaveLength(dials + 1);
    await stopAndCompare(rig);
  });

  it('waits as long as a draining instance asks', async () => {
    const rig = await started();
    rig.container.refusals.push({ event: 'start', code: 'DRAINING', retryAfterMs: 3_000 });
    rig.container.drop();
    await rig.clock.advance(2_900);
    expect(rig.container.dials).toHaveLength(2);
    await rig.clock.advance(1_000);
    expect(rig.container.dials).toHaveLength(3);
    expect(rig.session.status.state).toBe('live');
  });
});

it('an instance that is too old for the record is left for another one, and nothing is lost', async () => {
  const rig = await started();
  await rig.speak(1_000);
  for (let n = 0; n < 2; n++) rig.container.refusals.push({ event: 'start', code: 'RECORD_TOO_NEW' });
  rig.container.drop();
  await rig.speak(6_000);
  expect(rig.container.dials).toHaveLength(4);
  expect(rig.session.status.state).toBe('live');
  await stopAndCompare(rig);
});

describe('tickets', () => {
  it('an expired ticket is fetched anew, without a wait', async () => {
    const rig = new Rig();
    rig.container.refusals.push({ event: 'dial', code: 'TICKET_EXPIRED' });
    const starting = rig.session.start();
    await rig.clock.advance(200);
    await starting;
    expect(rig.container.dials).toEqual(['ticket-1', 'ticket-2']);
  });

  it('an invalid ticket is a verdict only if it was new', async () => {
    const rig = await started();
    rig.container.refusals.push({ event: 'dial', code: 'TICKET_INVALID' });
    rig.container.drop();
    await rig.clock.advance(5_000);
    expect(rig.session.status.state).toBe('live');
    expect(rig.container.dials).toEqual(['ticket-1', 'ticket-1', 'ticket-2']);

    const other = new Rig();
    other.container.refusals.push({ event: 'dial', code: 'TICKET_INVALID' });
    await expect(other.done(other.session.start())).rejects.toMatchObject({ code: 'TICKET_INVALID' });
  });
});

describe('errors', () => {
  const final = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => !ERRORS[code].retriable);
  it.each(final.filter((code) => !['NOT_STARTED', 'ALREADY_STARTED'].includes(code)))(
    '%s as the answer to start fails the session',
    async (code) => {
      const rig = new Rig();
      // A ticket that was just fetched is judged at once.
      rig.container.refusals.push({ event: 'start', code });
      await expect(rig.done(rig.session.start())).rejects.toMatchObject({ code });
      expect(rig.reasons.at(-1)).toBe(`connecting → failed: error:${code}`);
      expect(rig.container.dials).toHaveLength(1);
      await expect(rig.session.stop()).rejects.toMatchObject({ code });
    },
  );

  it.each(['BUSY', 'INTERNAL', 'STORE_UNAVAILABLE', 'CONFLICT', 'NOT_STARTED', 'ALREADY_STARTED'] as const)(
    '%s as the answer to start is tried again',
    async (code) => {
      const rig = new Rig();
      rig.container.refusals.push({ event: 'start', code }, { event: 'start', code });
      await rig.done(rig.session.start());
      expect(rig.container.dials).toHaveLength(3);
    },
  );

  it('a session that has ended only on one instance is gone on with on the next', async () => {
    const rig = await started();
    await rig.speak(2_000);
    rig.container.refusals.push({ event: 'stop', code: 'SESSION_ENDED' });
    await stopAndCompare(rig);
    expect(rig.container.dials).toHaveLength(2);
  });

  it('an instance that lost the session is left again, and nothing is thrown away or called lost', async () => {
    const rig = await started();
    await rig.speak(5_000);
    const shown = rig.shown.slice(0, 3);
    const stale = { nextPos: 8_000, committedPos: 0, settledIndex: -1, nextIndex: 0 };
    rig.container.staleAnswers.push(stale, stale);
    rig.container.drop();
    await rig.clock.advance(500);
    expect(rig.shown.slice(0, 3)).toEqual(shown);
    await rig.speak(4_000);
    expect(rig.container.dials).toHaveLength(4);
    expect(rig.session.status.losses).toEqual([]);
    await stopAndCompare(rig);
  });

  it('a record that went back is believed in the end', async () => {
    const rig = await started();
    await rig.speak(5_000);
    const stale = { committedPos: 0, settledIndex: -1 };
    rig.container.staleAnswers.push(...Array.from({ length: 20 }, () => stale));
    rig.container.drop();
    await rig.clock.until(() => rig.session.status.state === 'live', 60_000);
  });

  it('a trouble that the container mends by itself is only reported', async () => {
    const rig = await started();
    const reported: string[] = [];
    rig.session.on('error', ({ code }) => reported.push(code));
    rig.container.send('error', { ...new VoiceError('ASR_UNAVAILABLE').toWire(), sessionId: 'session-0001' });
    rig.container.send('error', { ...new VoiceError('ASR_AUTH').toWire(), sessionId: 'another-session' });
    await rig.speak(1_000);
    expect(reported).toEqual(['ASR_UNAVAILABLE']);
    expect(rig.session.status.state).toBe('live');
    expect(rig.container.dials).toHaveLength(1);
  });

  it('what cannot be read is ignored', async () => {
    const rig = await started();
    for (const payload of [null, 7, 'x', {}, { sessionId: 'session-0001' }, { sessionId: 'other', index: 0 }])
      for (const event of ['result', 'progress', 'completed', 'error', 'ready', 'surprise'])
        rig.container.send(event, payload);
    await rig.speak(2_000);
    await stopAndCompare(rig);
    expect(rig.container.dials).toHaveLength(1);
  });

  it('a listener that throws disturbs nobody', async () => {
    const rig = await started();
    rig.session.on('lines', () => {
      throw new Error('a page fault');
    });
    await rig.speak(3_000);
    await stopAndCompare(rig);
  });
});

describe('another device', () => {
  it('takes the session from this one, which does not come back by itself', async () => {
    const rig = await started();
    await rig.speak(2_000);
    rig.container.takeOver('session-0001');
    await rig.clock.advance(60_000);
    expect(rig.reasons.at(-1)).toBe('live → failed: error:TAKEN_OVER');
    expect(rig.container.dials).toHaveLength(1);
  });

  it('gives it back to a tap, and only that start takes over', async () => {
    const rig = await started();
    await rig.speak(2_000);
    rig.container.takeOver('session-0001');
    await rig.clock.advance(1_000);
    await rig.done(rig.session.reclaim());
    expect(rig.reasons.slice(-2)).toEqual([
      'failed → reconnecting: take-over',
      'reconnecting → live: resumed',
    ]);
    rig.container.drop();
    await rig.speak(2_000);
    expect(rig.container.starts.map((start) => start.resume?.takeOver)).toEqual([undefined, true, false]);
    await stopAndCompare(rig);
  });

  it('that took it while this one was away is met at the resume', async () => {
    const rig = await started();
    await rig.speak(2_000);
    rig.container.reachable = false;
    rig.container.drop();
    rig.container.takeOver('session-0001');
    rig.container.reachable = true;
    await rig.clock.advance(5_000);
    expect(rig.reasons.at(-1)).toBe('reconnecting → failed: error:TAKEN_OVER');
  });
});

describe('cancel', () => {
  it('keeps nothing, here or there', async () => {
    const rig = await started();
    await rig.speak(2_000);
    await rig.done(rig.session.cancel());
    await rig.clock.advance(1_000);
    expect(rig.container.sessions.size).toBe(0);
    expect(rig.store.files.size).toBe(0);
    expect(rig.reasons.slice(-2)).toEqual(['live → stopping: cancel', 'stopping → ended: cancel']);
  });

  it('during a drop takes place after it', async () => {
    const rig = await started();
    rig.container.reachable = false;
    rig.container.drop();
    await rig.speak(1_000);
    const cancelling = rig.session.cancel();
    rig.container.reachable = true;
    await rig.done(cancelling);
    expect(rig.container.sessions.size).toBe(0);
  });

  it('before anything went out is over at once', async () => {
    const rig = new Rig();
    rig.container.reachable = false;
    const starting = rig.session.start();
    await rig.session.cancel();
    await expect(starting).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
    await rig.clock.advance(60_000);
    expect(rig.container.starts).toEqual([]);
  });

  it('of what another device has taken meanwhile says so, and leaves it there', async () => {
    const rig = await started();
    await rig.speak(2_000);
    const stored = rig.container.sessions.get('session-0001');
    Object.assign(stored ?? {}, { clientId: 'another-client' });
    rig.container.refusals.push({ event: 'cancel', code: 'SESSION_ENDED' });
    const cancelling = rig.session.cancel();
    await Promise.all([
      expect(cancelling).rejects.toMatchObject({ code: 'TAKEN_OVER' }),
      rig.clock.advance(5_000),
    ]);
    expect(rig.reasons.slice(-2)).toEqual(['live → stopping: cancel', 'stopping → failed: error:TAKEN_OVER']);
    expect(rig.container.sessions.get('session-0001')).toBe(stored);
  });

  it('gives up a stop that is under way', async () => {
    const rig = await started();
    rig.container.paceHz = 1_000;
    await rig.speak(3_000);
    const stopping = rig.session.stop();
    await rig.clock.advance(500);
    await rig.done(rig.session.cancel());
    await expect(stopping).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
    expect(rig.container.sessions.size).toBe(0);
  });
});

describe('what the status says of the connection', () => {
  it('the link goes down and up while the recording is being saved', async () => {
    const rig = new Rig();
    expect(rig.session.status.link).toBe('connecting');
    await rig.done(rig.session.start());
    expect(rig.session.status.link).toBe('up');
    await rig.speak(3_000);
    rig.container.reachable = false;
    rig.container.drop();
    const stopped = rig.session.stop();
    await rig.clock.advance(3_000);
    expect(rig.session.status).toMatchObject({ state: 'stopping', link: 'down' });
    rig.container.reachable = true;
    await rig.clock.until(() => rig.session.status.link === 'up');
    await rig.done(stopped);
    expect(rig.record()).toEqual(rig.expected());
  });

  it('a stop before the first connection is not taken for a lost one', async () => {
    const rig = new Rig();
    rig.container.reachable = false;
    void rig.session.start();
    rig.say(1_000);
    const stopped = rig.session.stop();
    await rig.clock.advance(5_000);
    expect(rig.session.status).toMatchObject({ state: 'stopping', link: 'connecting' });
    rig.container.reachable = true;
    await rig.done(stopped);
  });

  it('a refusal for the moment is told, and the session goes on', async () => {
    const rig = new Rig();
    const told: string[] = [];
    rig.session.on('error', ({ code }) => told.push(code));
    rig.container.refusals.push({ event: 'start', code: 'BUSY', retryAfterMs: 2_000 });
    await rig.done(rig.session.start());
    expect(told).toEqual(['BUSY']);
    await rig.speak(1_000);
    await stopAndCompare(rig);
  });
});

describe('the recogniser is full', () => {
  const sessionId = 'session-0001';
  const send = async (rig: Rig, event: string, payload: object): Promise<void> => {
    rig.container.send(event, payload);
    await rig.clock.advance(100);
  };

  it('place and wait are known until text comes, and nothing is lost', async () => {
    const rig = await started();
    await send(rig, 'error', new VoiceError('ASR_BUSY', { retryAfterMs: 20_000 }).toWire());
    expect(rig.session.status.queue).toEqual({ place: null, waitMs: 20_000 });
    await send(rig, 'queue', { sessionId, place: 3, waitMs: 15_000 });
    await send(rig, 'queue', { sessionId: 'another-one', place: 1, waitMs: 1 });
    expect(rig.session.status.queue).toEqual({ place: 3, waitMs: 15_000 });
    await send(rig, 'queue', { sessionId, place: 'first', waitMs: -1 });
    expect(rig.session.status).toMatchObject({ state: 'live', queue: { place: null, waitMs: null } });
    await rig.speak(6_000);
    expect(rig.session.status.queue).toBeNull();
    await stopAndCompare(rig);
  });

  it('the place is forgotten when it is our turn, and with the connection', async () => {
    const rig = await started();
    await send(rig, 'queue', { sessionId, place: 1, waitMs: 9_000 });
    expect(rig.session.status.queue).toEqual({ place: 1, waitMs: 9_000 });
    await send(rig, 'queue', { sessionId, place: 0, waitMs: 0 });
    expect(rig.session.status.queue).toBeNull();
    await send(rig, 'queue', { sessionId, place: 1, waitMs: 9_000 });
    rig.container.reachable = false;
    rig.container.drop();
    await rig.clock.advance(1_000);
    expect(rig.session.status).toMatchObject({ link: 'down', queue: null });
    rig.container.reachable = true;
  });
});
