import { describe, expect, it } from 'vitest';
import { at, joined, silence } from '../../testing/audio.ts';
import { Rig } from '../../testing/rig.ts';
import {
  recordOf,
  SPOKEN,
  speech,
  takenOver,
  talk,
  talking,
  textOf,
  WORD_MS,
  wordsOf,
} from '../../testing/talk.ts';
import type { AsrWord } from '../asr/types.ts';
import { RELAY_RULES } from '../upstream/rules.ts';

/** What is older than 3 s after ten words. */
const HEAD_WORDS = 6;
/** Where it ends: in the middle of the pause of 400 ms behind its last word. */
const HEAD_POS = at((HEAD_WORDS - 1) * WORD_MS + 600);
const HEAD = textOf(0, HEAD_WORDS);

describe('a checkpoint within an open sentence', () => {
  it('lies in a pause behind words that have been stable for seconds, and moves nothing that the client may forget', async () => {
    const rig = new Rig();
    await talking(rig);
    const { checkpoint, pending, committedPos } = recordOf(rig);
    expect(checkpoint).toMatchObject({ index: 0, text: HEAD, startPos: 0 });
    // 8 s were sent: the last pause that is 3 s old lies behind word 5
    expect(checkpoint?.pos).toBe(HEAD_POS);
    expect(checkpoint?.words.map(({ text }) => text)).toEqual(SPOKEN.slice(0, HEAD_WORDS));
    expect(pending?.text.startsWith(HEAD)).toBe(true);
    expect(committedPos).toBe(0);
  });

  it('is written at most every 3 s', async () => {
    const rig = new Rig();
    const { session, peer, end } = await talking(rig, 5);
    const before = rig.store.writes;
    let pos = end;
    for (let i = 6; i <= 12; i++) {
      pos = await rig.speak(session, peer, pos, speech(1));
      rig.asr.newest.say({ text: textOf(0, i), final: false, words: wordsOf(0, i) });
    }
    // 5.6 s
    expect(rig.store.writes - before).toBeGreaterThanOrEqual(1);
    expect(rig.store.writes - before).toBeLessThanOrEqual(2);
  });

  it('is written as often when the clock was set back', async () => {
    const rig = new Rig();
    const { session, peer, end } = await talking(rig);
    const written = recordOf(rig).checkpoint?.pos ?? 0;
    const { now } = rig.clock;
    rig.clock.now = () => now() - 3_600_000;
    let pos = end;
    for (let i = 11; i <= 18; i++) {
      pos = await rig.speak(session, peer, pos, speech(1));
      rig.asr.newest.say({ text: textOf(0, i), final: false, words: wordsOf(0, i) });
    }
    expect(written).toBeGreaterThan(0);
    expect(recordOf(rig).checkpoint?.pos).toBeGreaterThan(written);
  });

  it.each<[string, (from: number, to: number) => AsrWord[]]>([
    ['words that the recogniser may still change', (from, to) => wordsOf(from, to, false)],
    ['no word times', () => []],
    [
      'a number that the text has in digits',
      (from, to) => wordsOf(from, to).map((word, i) => (i === 0 ? { ...word, text: '二十' } : word)),
    ],
    [
      'word times that cross the pauses',
      (from, to) => wordsOf(from, to).map((word) => ({ ...word, endMs: word.startMs + 780 })),
    ],
  ])('is not set with %s', async (_, words) => {
    const rig = new Rig();
    await talking(rig, 10, words);
    expect(recordOf(rig).checkpoint).toBeNull();
  });

  it('is not set in a sentence into which silence was injected', async () => {
    const rig = new Rig();
    await talking(rig, 3);
    // no audio for more than 4 s
    await rig.clock.advance(5_000);
    const spoken = SPOKEN.slice(0, 3).join('');
    rig.asr.newest.say({ text: `${spoken}我们`, final: false, words: wordsOf(0, 4) });
    await rig.clock.advance(4_000);
    rig.asr.newest.say({ text: `${spoken}我们出去`, final: false, words: wordsOf(0, 5) });
    await rig.clock.advance(4_000);
    expect(recordOf(rig).checkpoint).toBeNull();
  });

  it('is not set before stored text that is heard again has been found', async () => {
    const one = new Rig();
    await talking(one);
    const { checkpoint, ...record } = recordOf(one);
    one.store.change('session-1', {
      ...record,
      checkpoint: null,
      overlap: { text: '从前', endPos: at(400) },
    });
    const { two, session, peer } = await takenOver(one);
    await talk(two, session, peer, 10);
    await two.clock.advance(3_000);
    expect(recordOf(two).checkpoint).toBeNull();
  });

  it('is not set where it is switched off', async () => {
    const rig = new Rig({ deps: { sentenceCheckpoints: false } });
    await talking(rig);
    expect(recordOf(rig).checkpoint).toBeNull();
  });

  it('goes at once when the recogniser changes what it had called stable', async () => {
    const rig = new Rig();
    await talking(rig);
    rig.asr.newest.say({
      text: `昨天${textOf(1, 10)}`,
      final: false,
      words: wordsOf(0, 10).map((word, i) => (i === 0 ? { ...word, text: '昨天' } : word)),
    });
    await rig.clock.advance(500);
    expect(recordOf(rig).checkpoint).toBeNull();
    const { two, answer } = await takenOver(rig);
    expect(answer.nextPos).toBe(0);
    expect(two.asr.newest.params.engine).toBe('16k_zh');
  });

  it('goes with the final of its sentence, which may spell it otherwise', async () => {
    const rig = new Rig();
    await talking(rig);
    rig.asr.newest.say({ text: '今天天气很好，我们出去走走。', final: true, startMs: 0, endMs: 7_600 });
    await rig.clock.advance(500);
    expect(rig.store.texts('session-1')).toEqual(['今天天气很好，我们出去走走。']);
    expect(recordOf(rig)).toMatchObject({ checkpoint: null, pending: null });
  });
});

describe('after a takeover', () => {
  it('hearing begins exactly at the checkpoint, the screen shows the head, and the sentence goes on as one', async () => {
    const one = new Rig();
    await talking(one);
    const { two, peer, session, answer } = await takenOver(one);
    const { pos } = recordOf(one).checkpoint ?? { pos: -1 };
    expect(answer).toMatchObject({ nextPos: pos, committedPos: 0, nextIndex: 0 });
    expect(peer.shown).toEqual([HEAD]);
    // The pause behind the checkpoint is 200 ms long.
    await two.speak(session, peer, pos, joined(silence(200), speech(2)));
    const words = wordsOf(6, 8).map((word) => ({
      ...word,
      startMs: word.startMs + 200,
      endMs: word.endMs + 200,
    }));
    const heard = { text: textOf(6, 8), startMs: 220, endMs: 1_380, words };
    two.asr.newest.say({ ...heard, final: false });
    expect(peer.shown).toEqual([textOf(0, 8)]);
    await two.speak(session, peer, pos + at(200 + 2 * WORD_MS), silence(1_500));
    two.asr.newest.say({ ...heard, final: true });
    await two.clock.advance(500);
    expect(two.store.texts('session-1')).toEqual([textOf(0, 8)]);
    expect(recordOf(two).sentences[0]).toMatchObject({ startMs: 0, endMs: HEAD_POS / 16 + 1_380 });
    expect(recordOf(two)).toMatchObject({ checkpoint: null, nextIndex: 1 });
    expect(recordOf(two).committedPos).toBeGreaterThan(pos);
  });

  it('a head as long as what may stay unsettled is gone on with by one stream, not by one after the other', async () => {
    const one = new Rig();
    const { session: first, peer: speaker } = await one.start();
    one.asr.newest.open();
    const beforeMs = 2_000;
    let pos = await one.speak(first, speaker, 0, silence(beforeMs));
    const words: AsrWord[] = [];
    // The pause that is 3 s old lies 39 s behind the sentence's start; what is before that start is settled but for a second.
    for (let i = 0; i < 53; i++) {
      pos = await one.speak(first, speaker, pos, speech(1));
      const startMs = beforeMs + i * WORD_MS + 20;
      words.push({ text: SPOKEN[i % SPOKEN.length] as string, startMs, endMs: startMs + 360, stable: true });
      one.asr.newest.say({
        text: words.map(({ text }) => text).join(''),
        final: false,
        startMs: beforeMs,
        words,
      });
    }
    await one.clock.advance(3_000);
    const { checkpoint, committedPos } = recordOf(one);
    expect((checkpoint?.pos ?? 0) - committedPos).toBeGreaterThanOrEqual(at(RELAY_RULES.unsettledMs));

    const { two, peer, session, answer } = await takenOver(one);
    const { connections } = two.asr;
    await two.speak(session, peer, answer.nextPos, joined(silence(200), speech(2)));
    await two.clock.advance(1_000);
    expect(connections).toHaveLength(1);
    expect(connections[0]?.state).toBe('open');
  });

  it('an interim without text falls back to the head', async () => {
    const one = new Rig();
    await talking(one);
    const { two, peer } = await takenOver(one);
    two.asr.newest.say({ text: '出', final: false });
    two.asr.newest.say({ text: '', final: false });
    expect(peer.shown).toEqual([HEAD]);
    two.asr.newest.say({ text: '', final: true });
    expect(peer.shown).toEqual([HEAD]);
    expect(recordOf(two).checkpoint?.text).toBe(HEAD);
  });

  it('words that begin later than a sentence pause are a sentence of their own', async () => {
    const one = new Rig();
    await talking(one);
    const { two, peer, session, answer } = await takenOver(one);
    await two.speak(session, peer, answer.nextPos, joined(silence(1_200), speech(1)));
    two.asr.newest.say({ text: '出去', final: false, startMs: 1_220, endMs: 1_580 });
    await two.clock.advance(500);
    expect(peer.shown).toEqual([HEAD, '出去']);
    expect(two.store.texts('session-1')).toEqual([HEAD]);
    expect(recordOf(two)).toMatchObject({ nextIndex: 1, checkpoint: null });
    expect(recordOf(two).committedPos).toBeGreaterThanOrEqual(answer.nextPos);
  });

  it('silence makes the head a sentence', async () => {
    const one = new Rig();
    await talking(one);
    const { two, peer, session, answer } = await takenOver(one);
    await two.speak(session, peer, answer.nextPos, silence(6_000));
    await two.clock.advance(500);
    expect(two.store.texts('session-1')).toEqual([HEAD]);
    expect(recordOf(two).committedPos).toBeGreaterThan(answer.nextPos);
  });

  it('the end of the session makes the head a sentence', async () => {
    const one = new Rig();
    await talking(one);
    const { two, session, answer } = await takenOver(one);
    const stopped = session.stop(answer.nextPos);
    await two.clock.advance(1_000);
    two.asr.newest.finish();
    await two.clock.advance(1_000);
    expect(await stopped).toMatchObject({ sentences: 1 });
    expect(two.store.texts('session-1')).toEqual([HEAD]);
    expect(recordOf(two)).toMatchObject({ state: 'completed', checkpoint: null });
  });

  it('a recogniser that refuses for good leaves the head in the record', async () => {
    const one = new Rig();
    await talking(one);
    const { two } = await takenOver(one);
    two.asr.newest.fail({ class: 'fatal', error: 'ASR_ARREARS' });
    await two.clock.advance(1_000);
    expect(two.store.texts('session-1')).toEqual([HEAD]);
    expect(recordOf(two).state).toBe('interrupted');
  });

  it('a third owner uses the same checkpoint, although the second wrote nothing', async () => {
    const one = new Rig();
    await talking(one);
    const first = await takenOver(one);
    const { answer, peer } = await takenOver(first.two);
    expect(answer.nextPos).toBe(first.answer.nextPos);
    expect(peer.shown).toEqual([HEAD]);
  });

  it('whoever resumes within a sentence hears what follows, however much of the sentence is unsettled', async () => {
    const one = new Rig();
    await talking(one);
    const relayRules = { ...RELAY_RULES, unsettledMs: 3_000 };
    const two = new Rig({ store: one.store, clock: one.clock, deps: { relayRules } });
    const { session, peer, answer } = await two.start({ resume: { haveIndex: -1 } });
    two.asr.newest.open();
    await two.speak(session, peer, answer.nextPos, speech(2));
    expect(two.asr.connections).toHaveLength(1);
    expect(two.asr.newest.state).toBe('open');
  });

  it('a longer head is found within what goes on, and both are one sentence', async () => {
    const one = new Rig();
    await talking(one);
    const { two, session, peer, answer } = await takenOver(one);
    let pos = answer.nextPos;
    pos = await two.speak(session, peer, pos, silence(200));
    for (let i = 7; i <= 12; i++) {
      pos = await two.speak(session, peer, pos, speech(1));
      const words = wordsOf(6, i).map((word) => ({
        ...word,
        startMs: word.startMs + 200,
        endMs: word.endMs + 200,
      }));
      two.asr.newest.say({ text: textOf(6, i), final: false, words });
    }
    await two.clock.advance(3_100);
    const { checkpoint } = recordOf(two);
    expect(checkpoint?.text.startsWith(textOf(0, 7))).toBe(true);
    expect(checkpoint?.pos).toBeGreaterThan(answer.nextPos);
    const third = await takenOver(two);
    expect(third.answer.nextPos).toBe(checkpoint?.pos);
    expect(third.peer.shown).toEqual([checkpoint?.text]);
  });

  it('a head of more than 500 characters is a sentence of its own', async () => {
    const one = new Rig();
    await talking(one);
    const { checkpoint } = recordOf(one);
    if (!checkpoint) throw new Error('no checkpoint');
    const text = '长'.repeat(501);
    one.store.change('session-1', { checkpoint: { ...checkpoint, text } });
    const { two, peer, answer } = await takenOver(one);
    await two.clock.advance(500);
    expect(answer).toMatchObject({ nextIndex: 1, nextPos: checkpoint.pos });
    expect(peer.shown).toEqual([text]);
    expect(two.store.texts('session-1')).toEqual([text]);
  });
});

it('on the same instance a dropped stream is resumed at the checkpoint too, from memory', async () => {
  const rig = new Rig();
  const { session, peer, end } = await talking(rig);
  rig.store.unavailable = true;
  rig.asr.newest.fail();
  await rig.clock.advance(1_000);
  rig.asr.newest.open();
  await rig.clock.advance(5_000);
  expect(rig.asr.newest.sentMs).toBeCloseTo((end - HEAD_POS) / 16, -2);
  rig.asr.newest.say({ text: '出去', final: false, startMs: 220, endMs: 580 });
  expect(peer.shown).toEqual([`${HEAD}出去`]);
  expect(session.isOver).toBe(false);
});
