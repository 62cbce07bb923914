import { describe, expect, it } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import { at, joined, silence, tone } from '../../testing/audio.ts';
import { FakeClientSocket, oneSentence, Rig, SENTENCE } from '../../testing/rig.ts';
import { SESSION_RULES } from './rules.ts';

describe('a client that comes back', () => {
  it('to the same instance continues with its next sample and sees what it missed', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    session.detach(peer);
    await rig.clock.advance(5_000);
    const back = await rig.start({ resume: { haveIndex: -1 } });
    expect(back.answer).toMatchObject({ nextPos: end, nextIndex: 1, settledIndex: 0 });
    expect(back.peer.shown).toEqual(['你好']);
    expect(back.session).toBe(session);
  });

  it('to another instance resumes from the last commit; the old one can write nothing more', async () => {
    const one = new Rig();
    const { peer, session } = await oneSentence(one, '你好');
    await one.speak(session, peer, at(3_500), tone(1_000));
    const two = new Rig({ store: one.store, clock: one.clock });
    const back = await two.start({ resume: { haveIndex: 0 } });
    expect(back.answer.nextPos).toBe(back.answer.committedPos);
    expect(back.answer.nextPos).toBeLessThan(at(2_600));
    expect(back.answer.nextIndex).toBe(1);
    one.asr.newest.say({ text: '迟到', final: true, startMs: 3_500, endMs: 4_500 });
    await one.clock.advance(1_000);
    expect(one.store.texts('session-1')).toEqual(['你好']);
    expect(session.isOver).toBe(true);
    expect(peer.closed).toBe(true);
    expect(peer.codes).toEqual([]);
  });

  it('to an instance that lost the session without knowing finds what the owner stored', async () => {
    const one = new Rig();
    const { peer, session } = await oneSentence(one, '你好');
    session.detach(peer);
    const two = new Rig({ store: one.store, clock: one.clock });
    const away = await two.start({ resume: { haveIndex: 0 } });
    two.asr.newest.open();
    await two.speak(away.session, away.peer, away.answer.nextPos, SENTENCE);
    two.asr.newest.say({ text: '再见', final: true, startMs: 0, endMs: 2_000 });
    await two.clock.advance(500);
    const back = await one.start({ resume: { haveIndex: 0 } });
    expect(back.session).not.toBe(session);
    expect(back.answer).toMatchObject({ nextIndex: 2, settledIndex: 1 });
    expect(back.peer.shown).toEqual(['再见']);
    expect(session.isOver).toBe(true);
  });

  it('after everything was deleted, to another instance where it starts anew, does not meet what the first one still holds', async () => {
    const one = new Rig();
    const { peer, session } = await one.start();
    one.asr.newest.open();
    one.store.documents.clear();
    const two = new Rig({ store: one.store, clock: one.clock });
    await two.start({ resume: { haveIndex: -1 } });
    await one.speak(session, peer, 0, SENTENCE);
    one.asr.newest.say({ text: '删除之前', final: true, startMs: 0, endMs: 2_000 });
    await one.clock.advance(1_000);
    expect(one.store.texts('session-1')).toEqual([]);
    expect(one.store.record('session-1').writeSeq).toBe(0);
    expect(peer.closed).toBe(true);
    expect(session.isOver).toBe(true);
  });

  it('while the database is away is served from memory', async () => {
    const rig = new Rig();
    const { peer, session } = await oneSentence(rig, '你好');
    session.detach(peer);
    rig.store.unavailable = true;
    expect((await rig.start({ resume: { haveIndex: -1 } })).session).toBe(session);
  });

  it('while the database is away is not refused for good because another client is here, which may have lost the session', async () => {
    const rig = new Rig();
    await oneSentence(rig, '你好');
    rig.store.unavailable = true;
    const back = rig.start({ clientId: 'client-2', resume: { haveIndex: 0, takeOver: false } });
    await expect(back).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true });
  });

  it('to another instance sees what it missed although the database goes away right then', async () => {
    const one = new Rig();
    await oneSentence(one, '你好');
    const two = new Rig({ store: one.store, clock: one.clock });
    one.store.sentencesAbove = () => Promise.reject(new VoiceError('STORE_UNAVAILABLE'));
    const back = await two.start({ resume: { haveIndex: -1 } });
    expect(back.peer.shown).toEqual(['你好']);
  });

  it('sees sentences of earlier pages as soon as the database answers again', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    let pos = 0;
    for (let i = 0; i < 60; i++) {
      pos = await rig.speak(session, peer, pos, joined(tone(400), silence(800)));
      rig.asr.newest.say({ text: `句${i}`, final: true, startMs: i * 1_200, endMs: i * 1_200 + 400 });
    }
    await rig.clock.advance(1_000);
    const two = new Rig({ store: rig.store, clock: rig.clock });
    const { sentencesAbove } = rig.store;
    rig.store.sentencesAbove = () => Promise.reject(new VoiceError('STORE_UNAVAILABLE'));
    const back = await two.start({ resume: { haveIndex: -1 } });
    expect(back.peer.shown[0]).toBe('句50');
    rig.store.sentencesAbove = sentencesAbove;
    await rig.clock.advance(1_500);
    expect(back.peer.shown).toEqual(Array.from({ length: 60 }, (_, i) => `句${i}`));
  });

  it('as another client ousts the first, which is told so and not closed', async () => {
    const rig = new Rig();
    const { peer } = await rig.start();
    await rig.start({ clientId: 'client-2', resume: { haveIndex: -1 } });
    expect(peer.codes).toEqual(['TAKEN_OVER']);
    expect(peer.closed).toBe(false);
    await expect(
      rig.start({ clientId: 'client-1', resume: { haveIndex: -1, takeOver: false } }),
    ).rejects.toMatchObject({ code: 'TAKEN_OVER' });
  });

  it('as another client is named by the record before either client is told', async () => {
    const rig = new Rig();
    const { peer } = await rig.start();
    const { write } = rig.store;
    const told: unknown[] = [];
    rig.store.write = (...args) => {
      told.push(...peer.codes);
      return write(...args);
    };
    await rig.start({ clientId: 'client-2', resume: { haveIndex: -1 } });
    expect(rig.store.record('session-1').clientId).toBe('client-2');
    expect([told, peer.codes]).toEqual([[], ['TAKEN_OVER']]);
    const elsewhere = new Rig({ store: rig.store, clock: rig.clock });
    const back = elsewhere.start({ clientId: 'client-2', resume: { haveIndex: -1, takeOver: false } });
    expect((await back).answer).toMatchObject({ state: 'live' });
  });

  it('as another client is refused for now where the record cannot name it, and the first keeps the session', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    const { write } = rig.store;
    rig.store.write = () => Promise.reject(new VoiceError('STORE_UNAVAILABLE'));
    const other = rig.start({ clientId: 'client-2', resume: { haveIndex: -1 } });
    const refused = expect(other).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true });
    await rig.clock.advance(SESSION_RULES.nameClientMs);
    await refused;
    rig.store.write = write;
    await rig.clock.advance(20_000);
    expect(session.isAttached(peer)).toBe(true);
    expect(rig.store.record('session-1').clientId).toBe('client-1');
  });

  it('with another sample rate, or to an engine that is no longer offered, is refused', async () => {
    const rig = new Rig();
    await rig.start();
    const other = { engine: '8k_zh', sampleRate: 8_000 };
    await expect(rig.start(other)).rejects.toMatchObject({ code: 'BAD_SAMPLE_RATE' });
    rig.store.change('session-1', { engine: 'gone' });
    const elsewhere = new Rig({ store: rig.store, clock: rig.clock });
    await expect(elsewhere.start(other)).rejects.toMatchObject({ code: 'BAD_SAMPLE_RATE' });
    await expect(elsewhere.start()).rejects.toMatchObject({ code: 'UNKNOWN_ENGINE' });
  });

  it('never gets another person’s session', async () => {
    const rig = new Rig();
    await rig.start();
    await expect(rig.start({}, new FakeClientSocket(), 'oOther')).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const elsewhere = new Rig({ store: rig.store, clock: rig.clock });
    await expect(elsewhere.start({}, new FakeClientSocket(), 'oOther')).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  it('after the grace finds the session released but live, and an orphan’s last words promoted only until then', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    await rig.speak(session, peer, end, tone(1_000));
    rig.asr.newest.say({ text: '未完', final: false, startMs: 3_500, endMs: 4_400 });
    session.detach(peer);
    await rig.clock.advance(130_000);
    expect(session.isOver).toBe(true);
    expect(rig.store.record('session-1')).toMatchObject({ state: 'live', pending: { text: '未完' } });
    const nowMs = rig.clock.now() + 200_000;
    await rig.store.complete({
      sessionId: 'session-1',
      state: 'interrupted',
      nowMs,
      orphanedBeforeMs: nowMs,
    });
    expect(rig.store.texts('session-1')).toEqual(['你好', '未完']);
    const back = await rig.start({ resume: { haveIndex: 0 } });
    expect(back.answer).toMatchObject({ state: 'live', nextIndex: 1 });
    expect(rig.store.texts('session-1')).toEqual(['你好']);
  });

  it('after audio was lost for good declares it, and times stay true', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    expect(session.skip(peer, { fromPos: end, toPos: end + at(60_000), reason: 'client-gap' })).toEqual({
      nextPos: end + at(60_000),
    });
    await rig.speak(session, peer, end + at(60_000), SENTENCE);
    const { sentMs } = rig.asr.newest;
    expect(sentMs).toBeLessThan(12_000);
    rig.asr.newest.say({ text: '再见', final: true, startMs: sentMs - 3_500, endMs: sentMs - 1_500 });
    await rig.clock.advance(500);
    expect(peer.of('result').at(-1)).toMatchObject({ text: '再见', startMs: 63_500, endMs: 65_500 });
    expect(rig.store.record('session-1').losses).toEqual([
      { startMs: 3_500, endMs: 63_500, reason: 'client-gap' },
    ]);
  });
});

describe('audio that was declared lost before the instance went away', () => {
  it('is one loss, although the next instance is told of it again together with what was lost since', async () => {
    const one = new Rig();
    const { peer, session, end } = await oneSentence(one, '你好');
    await one.speak(session, peer, end, tone(1_000));
    one.asr.newest.say({ text: '未完', final: false, startMs: 3_500, endMs: 4_400 });
    session.skip(peer, { fromPos: end + at(1_000), toPos: end + at(10_000), reason: 'client-overflow' });
    await one.clock.advance(500);
    const two = new Rig({ store: one.store, clock: one.clock });
    const back = await two.start({ resume: { haveIndex: 0 } });
    expect(back.answer.nextPos).toBeLessThanOrEqual(end);
    const range = { fromPos: back.answer.nextPos, toPos: end + at(20_000) };
    back.session.skip(back.peer, { ...range, reason: 'client-overflow' });
    await two.clock.advance(500);
    expect(two.store.record('session-1').losses).toEqual([
      { startMs: Math.round(range.fromPos / 16), endMs: 23_500, reason: 'client-overflow' },
    ]);
  });
});

describe('an instance that goes away', () => {
  it('hands over at the next commit: tells, flushes, closes the transport; takes no new session', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    await rig.speak(session, peer, end, tone(1_000));
    rig.asr.newest.say({ text: '再', final: false, startMs: 3_500, endMs: 4_000 });
    const drained = rig.manager.drain(8_000);
    expect(peer.of('draining')).toEqual([{ deadlineMs: 8_000 }]);
    await rig.speak(session, peer, end + at(1_000), silence(1_200));
    expect(peer.closed).toBe(false);
    rig.asr.newest.say({ text: '再见', final: true, startMs: 3_500, endMs: 4_500 });
    await rig.clock.advance(1_000);
    await drained;
    expect(peer.closed).toBe(true);
    expect(rig.store.texts('session-1')).toEqual(['你好', '再见']);
    expect(() => rig.manager.start({} as never, 'oUser', peer)).toThrow(
      expect.objectContaining({ code: 'DRAINING' }),
    );
  });

  it('goes at the deadline although nothing is settled', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    await rig.speak(session, peer, end, tone(1_000));
    rig.asr.newest.say({ text: '再', final: false, startMs: 3_500, endMs: 4_000 });
    const drained = rig.manager.drain(2_000);
    await rig.clock.advance(2_500);
    await drained;
    expect(peer.closed).toBe(true);
    expect(rig.store.record('session-1')).toMatchObject({ state: 'live', nextIndex: 1 });
  });
});

describe('a session that is taken away', () => {
  it('by deletion tells SESSION_DELETED', async () => {
    const rig = new Rig();
    const { peer, session } = await oneSentence(rig, '你好');
    rig.store.change('session-1', { epoch: 2, deletedAt: new Date() });
    await rig.clock.advance(25_000);
    expect(peer.codes).toEqual(['SESSION_DELETED']);
    expect(session.isOver).toBe(true);
  });

  it('is not taken for lost when only the answer of a write was', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    await rig.speak(session, peer, 0, SENTENCE);
    rig.store.loseAnswers = 2;
    rig.asr.newest.say({ text: '你好', final: true, startMs: 0, endMs: 2_000 });
    await rig.clock.advance(5_000);
    expect(session.isOver).toBe(false);
    expect(rig.store.texts('session-1')).toEqual(['你好']);
  });
});

describe('room', () => {
  it('is bounded by instance and by person', async () => {
    const rig = new Rig({ limits: { maxSessions: 2, maxSessionsPerUser: 1 } });
    await rig.start();
    await expect(rig.start({ sessionId: 'session-2' })).rejects.toMatchObject({
      code: 'BUSY',
      retryAfterMs: 5_000,
    });
    await rig.start({ sessionId: 'session-3' }, new FakeClientSocket(), 'oSecond');
    await expect(
      rig.start({ sessionId: 'session-4' }, new FakeClientSocket(), 'oThird'),
    ).rejects.toMatchObject({
      code: 'BUSY',
    });
  });
});
