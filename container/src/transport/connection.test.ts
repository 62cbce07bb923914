import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../contract/stream.ts';
import { tone } from '../../testing/audio.ts';
import { FakeClientSocket, quietLog, Rig } from '../../testing/rig.ts';
import { ClientConnection } from './connection.ts';

function talking(rig: Rig) {
  const peer = new FakeClientSocket();
  const authenticate = async () => 'oUser';
  const { manager, clock } = rig;
  const connection = new ClientConnection({ manager, clock, log: quietLog }, peer, authenticate);
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

  it('that says nothing but what nobody knows is closed, before it fills the log', () => {
    const { connection, peer } = talking(new Rig());
    for (let i = 0; i < 200; i++) connection.handle('gossip', [], undefined);
    expect(peer.closed).toBe(false);
    connection.handle('gossip', [], undefined);
    expect(peer.closed).toBe(true);
  });
});
