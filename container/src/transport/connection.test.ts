import { describe, expect, it } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { Answer } from '../../../contract/stream.ts';
import { flushPromises } from '../../../lib/fake-clock.ts';
import { silence, tone } from '../../testing/audio.ts';
import { FakeClientSocket, Rig } from '../../testing/rig.ts';
import { ClientConnection } from './connection.ts';

function talking(rig: Rig, authenticated = true) {
  const peer = new FakeClientSocket();
  const authenticate = async (token: string | undefined) => {
    if (!authenticated && token === undefined) throw new VoiceError('UNAUTHENTICATED');
    return 'oUser';
  };
  const connection = new ClientConnection(rig.connectionDeps, peer, authenticate, authenticated);
  const ask = (event: string, payload?: object) =>
    new Promise<Answer<object>>((resolve) => connection.handle(event, [payload], resolve));
  const start = (request: object) => ask('start', { clientId: 'client-1', ...request });
  const stop = () => ask('stop');
  return { peer, connection, start, stop };
}

async function ended(rig: Rig, sessionId: string): Promise<void> {
  const { start, stop } = talking(rig);
  await start({ sessionId });
  rig.asr.newest.open();
  const stopping = stop();
  await rig.clock.advance(500);
  rig.asr.newest.finish();
  await rig.clock.advance(500);
  await stopping;
}

describe('a socket', () => {
  it('that asked for an ended session can go on to a new one, whose stop is its own', async () => {
    const rig = new Rig();
    await ended(rig, 'session-1');
    const { connection, peer, start, stop } = talking(rig);
    expect(await start({ sessionId: 'session-1' })).toMatchObject({ state: 'completed' });
    expect(await stop()).toMatchObject({ id: 'session-1' });
    expect(await start({ sessionId: 'session-2' })).toMatchObject({ state: 'live' });
    rig.asr.newest.open();
    connection.handle('audio', [0, tone(200)], undefined);
    const stopping = stop();
    await rig.clock.advance(500);
    rig.asr.newest.finish();
    await rig.clock.advance(500);
    expect(await stopping).toMatchObject({ id: 'session-2', durationMs: 200 });
    expect(await start({ sessionId: 'session-1' })).toMatchObject({ state: 'completed' });
    expect(await stop()).toMatchObject({ id: 'session-1' });
    expect(peer.codes).toEqual([]);
  });

  it('has one start under way at a time', async () => {
    const { start } = talking(new Rig());
    const [first, second] = await Promise.all([
      start({ sessionId: 'session-1' }),
      start({ sessionId: 'session-2' }),
    ]);
    expect(first).toMatchObject({ state: 'live' });
    expect(second).toMatchObject({ error: { code: 'ALREADY_STARTED' } });
  });

  it('that is gone before its start is answered leaves a session that waits for the client, and not for ever', async () => {
    const rig = new Rig();
    const { connection, start } = talking(rig);
    const starting = start({ sessionId: 'session-1' });
    connection.close();
    await starting;
    expect(rig.manager.size).toBe(1);
    await rig.clock.advance(200_000);
    expect(rig.manager.size).toBe(0);
    expect(rig.store.record('session-1').state).toBe('live');
  });

  it('that says nothing but what nobody knows is closed, before it fills the log', async () => {
    const { connection, peer } = talking(new Rig());
    for (let i = 0; i < 100; i++) connection.handle('gossip', [], undefined);
    await flushPromises();
    expect(peer.closed).toBe(false);
    connection.handle('gossip', [], undefined);
    await flushPromises();
    expect(peer.closed).toBe(true);
  });
});

describe('a caller', () => {
  it('without a valid ticket is closed in time, however often it says start', async () => {
    const rig = new Rig();
    const { start, peer } = talking(rig, false);
    for (let i = 0; i < 3; i++) {
      expect(await start({ sessionId: 'session-1' })).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
      await rig.clock.advance(3_000);
    }
    expect(peer.closed).toBe(false);
    await rig.clock.advance(1_001);
    expect(peer.closed).toBe(true);
    expect(rig.clock.pending).toBe(0);
  });

  it('that brings its ticket with start is not closed', async () => {
    const rig = new Rig();
    const { start, peer } = talking(rig, false);
    expect(await start({ sessionId: 'session-1', token: 'ticket' })).toMatchObject({ state: 'live' });
    await rig.clock.advance(60_000);
    expect(peer.closed).toBe(false);
  });

  it('without a session is closed after a while, and not while it has one', async () => {
    const rig = new Rig();
    const idle = talking(rig);
    const busy = talking(rig);
    await busy.start({ sessionId: 'session-1' });
    await rig.clock.advance(599_000);
    expect(idle.peer.closed).toBe(false);
    await rig.clock.advance(2_000);
    expect(idle.peer.closed).toBe(true);
    expect(busy.peer.closed).toBe(false);
  });

  it('that starts without pause is refused with the time to wait, and costs the database little', async () => {
    const rig = new Rig();
    let requests = 0;
    for (const name of ['load', 'create', 'claim'] as const) {
      const original = rig.store[name] as (...args: unknown[]) => Promise<unknown>;
      Object.assign(rig.store, {
        [name]: (...args: unknown[]) => {
          requests += 1;
          return original.apply(rig.store, args);
        },
      });
    }
    const codes: unknown[] = [];
    let said = 0;
    for (let i = 0; i < 600; i++) {
      const { start, connection } = talking(rig);
      for (let j = 0; j < 5; j++) {
        const answer = (await start({ sessionId: `session-${said++}` })) as { error?: { code: string } };
        codes.push(answer.error?.code ?? 'ok');
      }
      connection.close();
      await rig.clock.advance(100);
    }
    expect(codes).toContain('RATE_LIMITED');
    expect(requests).toBeLessThanOrEqual(120);
    const honest = talking(rig);
    Object.assign(honest.connection, { authenticate: async () => 'oHonest' });
    expect(await honest.start({ sessionId: 'session-mine' })).toMatchObject({ state: 'live' });
  });

  it('may start thirty times at once: a phone on a bad network comes back often', async () => {
    const rig = new Rig();
    const { start } = talking(rig);
    await start({ sessionId: 'session-1' });
    for (let i = 0; i < 29; i++) {
      const again = talking(rig);
      expect(await again.start({ sessionId: 'session-1', resume: { haveIndex: -1 } })).toMatchObject({
        state: 'live',
      });
    }
    const last = await talking(rig).start({ sessionId: 'session-1', resume: { haveIndex: -1 } });
    expect(last).toMatchObject({ error: { code: 'RATE_LIMITED', retriable: true } });
  });

  it('that is refused too often is closed, and answered no more', async () => {
    const rig = new Rig();
    const { start, peer } = talking(rig);
    await start({ sessionId: 'session-1' });
    let answered = 0;
    for (let i = 0; i < 16_000; i++) void start({ sessionId: 'session-2' }).then(() => answered++);
    await flushPromises();
    expect(answered).toBe(100);
    expect(peer.closed).toBe(true);
  });

  it('may send its audio faster than it is spoken, but not without end, repeated frames included', async () => {
    const rig = new Rig();
    const { start, peer, connection } = talking(rig);
    await start({ sessionId: 'session-1' });
    rig.asr.newest.open();
    // Two minutes at twice real time, each frame sent once: what a phone delivers after a drop.
    for (let pos = 0; pos < 120_000; pos += 200) {
      connection.handle('audio', [(pos * 16_000) / 1000, silence(200)], undefined);
      await rig.clock.advance(100);
    }
    expect(peer.codes.filter((code) => code === 'RATE_LIMITED')).toEqual([]);
    for (let i = 0; i < 100; i++) connection.handle('audio', [0, silence(1_000)], undefined);
    expect(peer.codes).toContain('RATE_LIMITED');
  });

  it('may use so much audio in a day, on all its connections together, and is told when there is more', async () => {
    const rig = new Rig({ audioSecondsPerDay: 60 });
    const one = talking(rig);
    await one.start({ sessionId: 'session-1' });
    rig.asr.newest.open();
    for (let pos = 0; pos < 59_000; pos += 1_000) {
      one.connection.handle('audio', [(pos * 16_000) / 1000, silence(1_000)], undefined);
      await rig.clock.advance(1_000);
    }
    expect(one.peer.codes).toEqual([]);
    const other = talking(rig);
    expect(await other.start({ sessionId: 'session-2' })).toMatchObject({ state: 'live' });
    for (let i = 0; i < 3; i++) other.connection.handle('audio', [i * 16_000, silence(1_000)], undefined);
    expect(other.peer.of('error').at(-1)).toMatchObject({ code: 'RATE_LIMITED' });
    const refused = await talking(rig).start({ sessionId: 'session-3' });
    expect(refused).toMatchObject({ error: { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } });
    await rig.clock.advance(86_400_000);
    expect(await talking(rig).start({ sessionId: 'session-4' })).toMatchObject({ state: 'live' });
  });
});
