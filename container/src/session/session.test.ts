import { describe, expect, it } from 'vitest';
import { at, joined, silence, tone } from '../../testing/audio.ts';
import { oneSentence, Rig, SENTENCE } from '../../testing/rig.ts';

describe('a session', () => {
  it('shows the open sentence, then the final, and stores it', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    await rig.speak(session, peer, 0, tone(1_000));
    rig.asr.newest.say({ text: '今天', final: false, startMs: 0, endMs: 900 });
    await rig.speak(session, peer, at(1_000), joined(tone(1_000), silence(1_500)));
    rig.asr.newest.say({ text: '今天开会', final: true, startMs: 0, endMs: 2_000 });
    await rig.clock.advance(500);
    const result = { sessionId: 'session-1', index: 0, startMs: 0 };
    expect(peer.of('result')).toEqual([
      { ...result, text: '今天', final: false, endMs: 900 },
      { ...result, text: '今天开会', final: true, endMs: 2_000 },
    ]);
    expect(rig.store.texts('session-1')).toEqual(['今天开会']);
  });

  it('stores a preview that ends between two characters as readers see them', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    await rig.speak(session, peer, 0, SENTENCE);
    const text = `${'字'.repeat(79)}😀好`;
    rig.asr.newest.say({ text, final: true, startMs: 0, endMs: 2_000 });
    await rig.clock.advance(500);
    expect(rig.store.record('session-1').preview).toBe('字'.repeat(79));
  });

  it('commits into the pause after a final, and only once it is stored', async () => {
    const rig = new Rig();
    rig.store.unavailable = false;
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    await rig.speak(session, peer, 0, SENTENCE);
    rig.store.unavailable = true;
    rig.asr.newest.say({ text: '今天', final: true, startMs: 0, endMs: 2_000 });
    await rig.clock.advance(3_000);
    expect(peer.of('progress').at(-1)).toMatchObject({ committedPos: 0, settledIndex: -1 });
    rig.store.unavailable = false;
    await rig.clock.advance(8_000);
    const { committedPos, settledIndex } = peer.of('progress').at(-1) ?? {};
    expect(settledIndex).toBe(0);
    expect(committedPos).toBeGreaterThanOrEqual(at(2_000));
    expect(committedPos).toBeLessThan(at(2_600));
  });

  it('trims what overlaps, asks for what is missing', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    session.audio(peer, { pos: 0, pcm: tone(200) });
    session.audio(peer, { pos: at(100), pcm: tone(200) });
    await rig.clock.advance(200);
    expect(rig.asr.newest.sentMs).toBe(300);
    session.audio(peer, { pos: at(1_000), pcm: tone(100) });
    expect(peer.of('error')).toMatchObject([{ code: 'AUDIO_GAP', nextPos: at(300) }]);
  });

  it('asks again for what is missing although the clock was set back', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    session.audio(peer, { pos: at(1_000), pcm: tone(100) });
    const { now } = rig.clock;
    rig.clock.now = () => now() - 3_600_000;
    session.audio(peer, { pos: at(1_000), pcm: tone(100) });
    expect(peer.codes).toEqual(['AUDIO_GAP', 'AUDIO_GAP']);
  });

  it('refuses audio beyond the credit and says from where to send again', async () => {
    const rig = new Rig();
    const { peer, session, answer } = await rig.start();
    let pos = 0;
    while (peer.codes.length === 0 && pos < at(60_000)) {
      session.audio(peer, { pos, pcm: tone(1_000) });
      pos += at(1_000);
    }
    expect(peer.of('error')).toMatchObject([{ code: 'TOO_FAST', retriable: true, nextPos: answer.limitPos }]);
  });

  it('does not mix positioned and unpositioned frames', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    session.audio(peer, { pos: 0, pcm: tone(100) });
    session.audio(peer, { pos: undefined, pcm: tone(100) });
    expect(peer.codes).toEqual(['MIXED_FRAMES']);
  });

  it('joins unpositioned frames that were cut in mid-sample', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    const pcm = tone(300);
    for (const [from, to] of [
      [0, 3_201],
      [3_201, 6_400],
      [6_400, 9_600],
    ])
      session.audio(peer, { pos: undefined, pcm: pcm.subarray(from, to) });
    await rig.clock.advance(500);
    expect(Buffer.concat(rig.asr.newest.audio)).toEqual(Buffer.from(pcm));
  });

  it('takes back a shown sentence that came to nothing', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    await rig.speak(session, peer, 0, SENTENCE);
    rig.asr.newest.say({ text: '嗯', final: false, startMs: 0, endMs: 500 });
    rig.asr.newest.say({ text: '', final: true, startMs: 0, endMs: 500 });
    expect(peer.shown).toEqual(['']);
    await rig.clock.advance(500);
    expect(rig.store.texts('session-1')).toEqual([]);
  });

  it('moves a full tail to a page and goes on with indexes that never restart', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    let pos = 0;
    for (let i = 0; i < 120; i++) {
      pos = await rig.speak(session, peer, pos, joined(tone(400), silence(800)));
      rig.asr.newest.say({ text: `句${i}`, final: true, startMs: i * 1_200, endMs: i * 1_200 + 400 });
    }
    await rig.clock.advance(1_000);
    const record = rig.store.record('session-1');
    expect(record.nextIndex).toBe(120);
    expect(record.tailIndex).toBe(100);
    expect(Object.keys(record.sentences)).toHaveLength(20);
    expect(rig.store.texts('session-1')).toEqual(Array.from({ length: 120 }, (_, i) => `句${i}`));
  });
});

describe('stop', () => {
  it('waits for the last final, completes, counts once, and answers the same again', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    await rig.speak(session, peer, end, tone(1_000));
    const first = session.stop(end + at(1_000));
    const second = session.stop(undefined);
    await rig.clock.advance(500);
    expect(rig.asr.newest.state).toBe('finishing');
    rig.asr.newest.say({ text: '再见', final: true, startMs: 3_500, endMs: 4_500 });
    rig.asr.newest.finish();
    await rig.clock.advance(1_000);
    expect(await first).toEqual({ id: 'session-1', sentences: 2, durationMs: 4_500 });
    expect(await second).toEqual(await first);
    expect(peer.of('completed')).toHaveLength(1);
    expect(rig.store.record('session-1')).toMatchObject({ state: 'completed', committedPos: at(4_500) });
    const again = await rig.start({ resume: { haveIndex: -1 } });
    expect(again.answer.state).toBe('completed');
    expect(again.peer.shown).toEqual(['你好', '再见']);
    const stats = [...rig.store.documents.values()].find((doc) => doc.day === 'total');
    expect(stats).toMatchObject({ sessions: 1, completed: 1, sentences: 2, durationMs: 4_500 });
  });

  it('waits for audio that is still under way, and says so when it never comes', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    const stopping = session.stop(end + at(500)).catch((error) => error.code);
    await rig.clock.advance(11_000);
    expect(await stopping).toBe('AUDIO_GAP');
    await rig.speak(session, peer, end, tone(500));
    const again = session.stop(end + at(500));
    await rig.clock.advance(500);
    rig.asr.newest.finish();
    await rig.clock.advance(500);
    expect(await again).toMatchObject({ sentences: 1 });
  });

  it('ends an empty session', async () => {
    const rig = new Rig();
    const { session } = await rig.start();
    rig.asr.newest.open();
    const stopping = session.stop(undefined);
    await rig.clock.advance(500);
    rig.asr.newest.finish();
    await rig.clock.advance(500);
    expect(await stopping).toEqual({ id: 'session-1', sentences: 0, durationMs: 0 });
  });

  it('is answered in time with a retriable refusal while the store is away, and completes when it is back', async () => {
    const rig = new Rig();
    const { peer, session } = await oneSentence(rig, '你好');
    rig.store.unavailable = true;
    const stopping = session.stop(undefined).catch((error) => error.code);
    await rig.clock.advance(1_000);
    rig.asr.newest.finish();
    await rig.clock.advance(60_000);
    expect(await stopping).toBe('STORE_UNAVAILABLE');
    expect(peer.codes).toContain('STORE_UNAVAILABLE');
    rig.store.unavailable = false;
    await rig.clock.advance(10_000);
    expect(rig.store.record('session-1').state).toBe('completed');
    expect(session.stopAnswer).toMatchObject({ sentences: 1 });
  });

  it('counts once although the answer of the completing write was lost', async () => {
    const rig = new Rig();
    const { session } = await oneSentence(rig, '你好');
    const stopping = session.stop(undefined);
    await rig.clock.advance(300);
    rig.store.loseAnswers = 2;
    rig.asr.newest.finish();
    await rig.clock.advance(20_000);
    expect(await stopping).toMatchObject({ sentences: 1 });
    const stats = [...rig.store.documents.values()].find((doc) => doc.day === 'total');
    expect(stats).toMatchObject({ sessions: 1, sentences: 1 });
  });
});

describe('cancel', () => {
  it('keeps nothing and counts nothing', async () => {
    const rig = new Rig();
    const { session } = await oneSentence(rig, '你好');
    await session.cancel();
    expect(rig.store.record('session-1')).toMatchObject({ state: 'cancelled', sentences: {}, preview: '' });
    expect([...rig.store.documents.keys()].some((key) => key.includes('stats'))).toBe(false);
    await expect(rig.start()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  });
});
