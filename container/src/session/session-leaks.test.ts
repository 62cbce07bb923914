import { describe, expect, it } from 'vitest';
import { at, tone } from '../../testing/audio.ts';
import { FakeClientSocket, oneSentence, Rig, SENTENCE } from '../../testing/rig.ts';

describe('a session that nobody comes back for', () => {
  it('is released although its client asked for stop and vanished before all audio was there', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    const stopping = session.stop(end + at(5_000)).catch((error) => error.code);
    session.detach(peer);
    await rig.clock.advance(11_000);
    expect(await stopping).toBe('AUDIO_GAP');
    await rig.clock.advance(300_000);
    expect(session.isOver).toBe(true);
    expect(rig.manager.size).toBe(0);
    expect(rig.clock.pending).toBe(0);
    expect(rig.store.record('session-1')).toMatchObject({ state: 'live', sentenceCount: 1 });
  });
});

describe('a cancel', () => {
  it('that the store does not take leaves the session as it was, and can be asked again', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    rig.store.unavailable = true;
    const refused = session.cancel().catch((error) => error.code);
    await rig.clock.advance(10_000);
    expect(await refused).toBe('STORE_UNAVAILABLE');
    rig.store.unavailable = false;
    await rig.speak(session, peer, end, SENTENCE);
    rig.asr.newest.say({ text: '再见', final: true, startMs: 13_500, endMs: 15_500 });
    await rig.clock.advance(6_000);
    expect(rig.store.texts('session-1')).toEqual(['你好', '再见']);
    await session.cancel();
    expect(rig.store.record('session-1').state).toBe('cancelled');
    expect(peer.codes.filter((code) => code !== 'STORE_UNAVAILABLE')).toEqual([]);
    expect(rig.manager.size).toBe(0);
  });

  it('of a session that is somebody else’s by now ends it here', async () => {
    const rig = new Rig();
    const { session } = await oneSentence(rig, '你好');
    rig.store.change('session-1', { epoch: 2, clientId: 'client-2' });
    await expect(session.cancel()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(rig.manager.size).toBe(0);
    expect(rig.store.record('session-1')).toMatchObject({ state: 'live', epoch: 2 });
  });

  it.each([
    [
      'that somebody with a faster clock has ended as an orphan',
      { state: 'interrupted', endedAt: new Date(0) },
    ],
    ['that another instance has taken over for the same client', { state: 'live' }],
  ] as const)('of a session %s leaves nothing of it', async (_, change) => {
    const rig = new Rig();
    const { session } = await oneSentence(rig, '你好');
    rig.store.change('session-1', { epoch: 2, ...change });
    const cancelled = session.cancel();
    await rig.clock.advance(1_000);
    await cancelled;
    expect(rig.store.record('session-1')).toMatchObject({ state: 'cancelled', epoch: 3, sentences: {} });
    expect(rig.manager.size).toBe(0);
  });

  it('whose client has gone meanwhile takes nothing from the instance where it may be now', async () => {
    const rig = new Rig();
    const { peer, session } = await oneSentence(rig, '你好');
    rig.store.change('session-1', { epoch: 2 });
    const refused = session.cancel().catch((error) => error.code);
    session.detach(peer);
    expect(await refused).toBe('SESSION_ENDED');
    expect(rig.store.record('session-1')).toMatchObject({ state: 'live', epoch: 2 });
  });

  it.each([
    ['taken over by another client, and ended', { clientId: 'client-2' }],
    ['deleted', { deletedAt: new Date(0) }],
    ['completed', { state: 'completed' }],
  ] as const)('of a session that was %s leaves it as it is', async (_, change) => {
    const rig = new Rig();
    const { session } = await oneSentence(rig, '你好');
    rig.store.change('session-1', { state: 'interrupted', epoch: 2, ...change });
    await expect(session.cancel()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(rig.store.record('session-1')).toMatchObject({ state: 'interrupted', epoch: 2, ...change });
    expect(rig.store.texts('session-1')).toEqual(['你好']);
  });

  it('whose answer was lost is ok when it is asked again, whatever the writer met meanwhile', async () => {
    const rig = new Rig();
    const { peer, session } = await oneSentence(rig, '你好');
    rig.store.loseAnswers = 1;
    const cancelled = session.cancel();
    rig.asr.newest.say({ text: '再见', final: true, startMs: 2_500, endMs: 3_000 });
    await rig.clock.advance(5_000);
    await cancelled;
    expect(peer.codes).toEqual([]);
    expect(rig.store.record('session-1')).toMatchObject({ state: 'cancelled', sentences: {} });
  });
});

describe('a write whose answer was lost', () => {
  it('is repeated as it was, so that a page turned later holds no sentence twice', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    let pos = 0;
    const say = async (count: number, from: number) => {
      for (let i = from; i < from + count; i++)
        rig.asr.newest.say({ text: `句${i}`, final: true, startMs: 0, endMs: 1_000 });
    };
    pos = await rig.speak(session, peer, pos, SENTENCE);
    await say(48, 0);
    await rig.clock.advance(500);
    rig.store.loseAnswers = 1;
    await say(2, 48);
    await rig.clock.advance(200);
    await say(3, 50);
    await rig.clock.advance(5_000);
    await say(60, 53);
    await rig.clock.advance(5_000);
    const all = Array.from({ length: 113 }, (_, i) => `句${i}`);
    expect(rig.store.texts('session-1')).toEqual(all);
    expect(Object.keys(rig.store.record('session-1').sentences).length).toBeLessThanOrEqual(50);
    expect(pos).toBe(at(3_500));
  });
});

describe('a write that was given up and arrives after its repeat', () => {
  const all = (count: number) => Array.from({ length: count }, (_, i) => `句${i}`);

  async function saidWithLateWrite(before: number, late: number, after: number) {
    const rig = new Rig();
    const { session, end } = await oneSentence(rig, '句0');
    let said = 1;
    const say = async (count: number) => {
      for (const to = said + count; said < to; said++)
        rig.asr.newest.say({ text: `句${said}`, final: true, startMs: 0, endMs: 1_000 });
      await rig.clock.advance(1_000);
    };
    await say(before - 1);
    rig.store.delayNext = 1;
    await say(late);
    await say(after);
    const stored = rig.store.record('session-1');
    rig.store.runDelayed();
    return { rig, session, end, said, stored, say };
  }

  it('changes nothing', async () => {
    const { rig, stored } = await saidWithLateWrite(10, 2, 5);
    expect(rig.store.record('session-1')).toEqual(stored);
    expect(rig.store.texts('session-1')).toEqual(all(17));
  });

  it('doubles nothing where a page was turned meanwhile', async () => {
    const { rig, stored, say } = await saidWithLateWrite(48, 2, 3);
    expect(rig.store.record('session-1')).toEqual(stored);
    await say(7);
    expect(rig.store.texts('session-1')).toEqual(all(60));
    expect(rig.store.record('session-1')).toMatchObject({ nextIndex: 60, sentenceCount: 60 });
  });

  it('that turns a page changes nothing either', async () => {
    const { rig, stored, say } = await saidWithLateWrite(50, 3, 4);
    expect(rig.store.record('session-1')).toEqual(stored);
    await say(3);
    expect(rig.store.texts('session-1')).toEqual(all(60));
  });

  it('never takes back what the client was told it may forget', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    rig.store.delayNext = 1;
    await rig.speak(session, peer, end, SENTENCE);
    rig.asr.newest.say({ text: '再见', final: true, startMs: 3_500, endMs: 5_500 });
    await rig.clock.advance(2_000);
    rig.store.delayNext = 1;
    await rig.speak(session, peer, end + at(3_500), SENTENCE);
    rig.asr.newest.say({ text: '明天', final: true, startMs: 7_000, endMs: 9_000 });
    await rig.clock.advance(3_000);
    rig.store.runDelayed();
    const told = peer.of('progress').at(-1)?.committedPos;
    expect(told).toBeGreaterThan(at(9_000));
    expect(rig.store.record('session-1').committedPos).toBeGreaterThanOrEqual(told ?? 0);
  });

  it('cancels nothing that has gone on since', async () => {
    const rig = new Rig();
    const { session } = await oneSentence(rig, '你好');
    rig.store.delayNext = 4;
    const cancelling = session.cancel().catch((error) => error.code);
    await rig.clock.advance(5_000);
    expect(await cancelling).toBe('STORE_UNAVAILABLE');
    rig.asr.newest.say({ text: '再见', final: true, startMs: 2_500, endMs: 3_000 });
    await rig.clock.advance(2_000);
    rig.store.runDelayed();
    expect(rig.store.record('session-1').state).toBe('live');
    expect(rig.store.texts('session-1')).toEqual(['你好', '再见']);
  });
});

describe('capacity', () => {
  it('is kept by starts that are still under way', async () => {
    const rig = new Rig({ limits: { maxSessionsPerUser: 2 } });
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4].map((n) => rig.start({ sessionId: `session-${n}` }, new FakeClientSocket())),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(rig.manager.size).toBe(2);
    rig.store.unavailable = true;
    await expect(rig.start({ sessionId: 'session-9' }, new FakeClientSocket(), 'oOther')).rejects.toThrow();
    rig.store.unavailable = false;
    await rig.start({ sessionId: 'session-9' }, new FakeClientSocket(), 'oOther');
  });
});

describe('a client that declares loss after loss', () => {
  it('cannot make the session remember more than the longest hole', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    const hole = at(4 * 3_600_000);
    session.skip(peer, { fromPos: 0, toPos: hole, reason: 'client-gap' });
    expect(() => session.skip(peer, { fromPos: hole, toPos: 2 * hole, reason: 'client-gap' })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    );
  });
});

describe('a recogniser that refuses for good in mid-sentence', () => {
  async function refused(asked: 'stop' | 'nothing') {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    await rig.speak(session, peer, end, tone(2_000));
    rig.asr.newest.say({ text: '再见', final: false, startMs: 3_500, endMs: 5_000 });
    const stopping = asked === 'stop' ? session.stop(undefined) : undefined;
    await rig.clock.advance(100);
    rig.asr.newest.fail({ code: 4_004, class: 'fatal', error: 'ASR_NO_QUOTA' });
    await rig.clock.advance(1_000);
    await stopping;
    return { rig, peer, session };
  }

  it.each(['stop', 'nothing'] as const)(
    'keeps the words it had heard, and says what is lost (%s)',
    async (asked) => {
      const { rig, peer, session } = await refused(asked);
      const record = rig.store.record('session-1');
      expect(rig.store.texts('session-1')).toEqual(['你好', '再见']);
      expect(peer.of('result').at(-1)).toMatchObject({ index: 1, text: '再见', final: true });
      expect(record.losses).toMatchObject([{ reason: 'asr', endMs: 5_500 }]);
      expect(session.stopAnswer).toMatchObject({ sentences: 2 });
    },
  );

  it('hears it again where the client takes the session up once the account is mended', async () => {
    const { rig } = await refused('nothing');
    const back = await rig.start({ resume: { haveIndex: 0 } });
    expect(back.answer).toMatchObject({ state: 'live', nextIndex: 1 });
    expect(back.answer.nextPos).toBeLessThan(at(2_600));
    expect(rig.store.record('session-1').losses).toEqual([]);
  });
});

describe('a start that is under way when the instance begins to drain', () => {
  it('is sent away, and the session is live for the next instance', async () => {
    const rig = new Rig();
    const starting = rig.start().catch((error) => error.code);
    const drained = rig.manager.drain(1_000);
    expect(await starting).toBe('DRAINING');
    await drained;
    expect(rig.manager.size).toBe(0);
    const next = new Rig({ store: rig.store, clock: rig.clock });
    expect((await next.start()).answer.state).toBe('live');
  });
});

describe('a recogniser that refuses for good while audio is missing before the end', () => {
  it('ends the session as interrupted at what has come, instead of waiting for what nobody will hear', async () => {
    const rig = new Rig();
    const { session, end } = await oneSentence(rig, '你好');
    const stopping = session.stop(end + at(5_000));
    rig.asr.newest.fail({ code: 4_004, class: 'fatal', error: 'ASR_NO_QUOTA' });
    await rig.clock.advance(1_000);
    expect(await stopping).toMatchObject({ sentences: 1 });
    expect(rig.store.record('session-1')).toMatchObject({ state: 'interrupted', samples: end });
    expect(rig.manager.size).toBe(0);
    expect(rig.clock.pending).toBe(0);
  });
});

describe('a stop for which audio is missing while the instance drains', () => {
  it('is refused, and the session is handed over at once', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    const stopping = session.stop(end + at(5_000)).catch((error) => error.code);
    const drained = rig.manager.drain(60_000);
    await rig.clock.advance(9_000);
    expect(peer.closed).toBe(false);
    await rig.clock.advance(2_000);
    expect(await stopping).toBe('AUDIO_GAP');
    await drained;
    expect(peer.closed).toBe(true);
    expect(rig.store.record('session-1')).toMatchObject({ state: 'live', sentenceCount: 1 });
  });
});
