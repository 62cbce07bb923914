import { describe, expect, it } from 'vitest';
import { at, joined, silence, tone } from '../../testing/audio.ts';
import { AudioBuffer } from './audio-buffer.ts';
import { LevelMeter } from './level-meter.ts';
import { type Interim, joinText, type SentenceHead, SentenceHeads } from './sentence-head.ts';

const RATE_HZ = 16_000;
const deps = { rateHz: RATE_HZ, silenceMs: 1_000, enabled: true };

/** Heads over a session of `parts`, from its beginning. */
function headsOver(parts: Uint8Array, base: SentenceHead | null = null): SentenceHeads {
  const buffer = new AudioBuffer(0);
  const levels = new LevelMeter(RATE_HZ, 0);
  buffer.append(0, parts);
  levels.push(parts);
  return new SentenceHeads({ ...deps, buffer, levels }, base);
}

/** Three words of 1 s, with pauses of 0.5 s. */
const SPEECH = joined(tone(1_000), silence(500), tone(1_000), silence(500), tone(4_000));
const word = (text: string, startMs: number, endMs: number) => ({
  text,
  startPos: at(startMs),
  endPos: at(endMs),
});

const THREE_WORDS = [word('a', 50, 950), word('b', 1_550, 2_450), word('c', 3_050, 3_950)];

const interim = (text: string, words: ReturnType<typeof word>[], sentMs: number): Interim => ({
  index: 0,
  sentence: { text, startPos: 0, endPos: at(sentMs), words },
  stable: words.map(() => true),
  sentPos: at(sentMs),
});

describe('a head', () => {
  it('ends in the newest pause behind which two interims agree, its punctuation with it', () => {
    const heads = headsOver(SPEECH);
    expect(heads.consider(interim('a, b; c', THREE_WORDS, 5_500), 0)).toBe(false);
    expect(heads.consider(interim('a, b; c', THREE_WORDS, 6_500), 0)).toBe(true);
    expect(heads.current).toMatchObject({ text: 'a, b;', pos: at(2_750), startPos: 0 });
  });

  it.each<[string, Interim, Interim]>([
    [
      'they are spelled differently',
      interim('a b c', THREE_WORDS, 5_500),
      interim('a,b c', THREE_WORDS, 6_500),
    ],
    [
      'they are less than a second apart',
      interim('a b c', THREE_WORDS, 5_600),
      interim('a b c', THREE_WORDS, 6_500),
    ],
    [
      'a word has moved',
      interim('a b c', [word('a', 50, 950), word('b', 1_600, 2_450), word('c', 3_050, 3_950)], 5_500),
      interim('a b c', THREE_WORDS, 6_500),
    ],
    [
      'no word is behind',
      interim('a b', THREE_WORDS.slice(0, 2), 5_500),
      interim('a b', THREE_WORDS.slice(0, 2), 6_500),
    ],
    [
      'a word reaches across it',
      interim('a b c', [word('a', 50, 1_600), word('b', 1_650, 2_600), word('c', 2_700, 3_950)], 5_500),
      interim('a b c', [word('a', 50, 1_600), word('b', 1_650, 2_600), word('c', 2_700, 3_950)], 6_500),
    ],
    [
      'the text has a number that no word spells',
      interim('a 20 b c', THREE_WORDS, 5_500),
      interim('a 20 b c', THREE_WORDS, 6_500),
    ],
  ])('is none at a pause where %s', (_, first, second) => {
    const heads = headsOver(SPEECH);
    heads.consider(first, at(1_300));
    expect(heads.consider(second, at(1_300))).toBe(false);
    expect(heads.current).toBeNull();
  });

  it('of two streams is what both have added', () => {
    const base = { pos: at(500), text: '从前', startPos: 0, words: [word('从前', 0, 400)] };
    const heads = headsOver(joined(silence(500), SPEECH), base);
    const later = THREE_WORDS.map(({ text, startPos, endPos }) =>
      word(text, startPos / 16 + 500, endPos / 16 + 500),
    );
    heads.consider(interim('a b c', later, 6_000), at(500));
    heads.consider(interim('a b c', later, 7_000), at(500));
    heads.beginStream();
    expect(heads.current?.text).toBe('从前a b');
    const rest = { text: 'c.', startPos: at(3_550), endPos: at(4_450), words: later.slice(2) };
    expect(heads.continued(rest)).toMatchObject({ text: '从前a b c.', startPos: 0, endPos: at(4_450) });
  });

  it.each([
    [39_000, false],
    [41_000, true],
  ])('of %i ms is long: %s', (ms, isLong) => {
    const base = { pos: at(ms), text: '从前', startPos: 0, words: [word('从前', 0, ms - 300)] };
    expect(headsOver(SPEECH, base).isLong).toBe(isLong);
  });

  it('does not end in a hole of the audio', () => {
    const buffer = new AudioBuffer(0);
    const levels = new LevelMeter(RATE_HZ, 0);
    buffer.append(0, tone(1_000));
    levels.push(tone(1_000));
    buffer.skipTo(at(1_500));
    levels.pushSilence(at(500));
    buffer.append(at(1_500), tone(5_000));
    levels.push(tone(5_000));
    const heads = new SentenceHeads({ ...deps, buffer, levels }, null);
    const words = [word('a', 50, 950), word('b', 1_550, 2_450)];
    heads.consider(interim('a b', words, 5_000), 0);
    expect(heads.consider(interim('a b', words, 6_000), 0)).toBe(false);
  });

  it('counts whether it held', () => {
    const heads = headsOver(SPEECH);
    const find = () => {
      heads.consider(interim('a b c', THREE_WORDS, 5_500), 0);
      heads.consider(interim('a b c', THREE_WORDS, 6_500), 0);
    };
    find();
    heads.confirm(interim('a b d', [...THREE_WORDS.slice(0, 2), word('d', 3_050, 3_950)], 6_500).sentence);
    heads.resolve();
    find();
    heads.consider(interim('x b c', [word('x', 50, 950), ...THREE_WORDS.slice(1)], 6_600), 0);
    expect(heads.counts).toEqual({ held: 1, revised: 1 });
    expect(heads.current).toBeNull();
  });

  it('of an earlier stream stays when the next one takes back what it added', () => {
    const base = { pos: at(500), text: '从前', startPos: 0, words: [word('从前', 0, 400)] };
    const heads = headsOver(joined(silence(500), SPEECH), base);
    const later = THREE_WORDS.map(({ text, startPos, endPos }) => ({
      text,
      startPos: startPos + at(500),
      endPos: endPos + at(500),
    }));
    heads.consider(interim('a b c', later, 6_000), at(500));
    expect(heads.consider(interim('a b c', later, 7_000), at(500))).toBe(true);
    expect(heads.current).toMatchObject({ text: '从前a b', pos: at(3_250) });
    expect(heads.consider(interim('', [], 7_100), at(500))).toBe(true);
    expect(heads.current).toEqual(base);
  });
});

it.each([
  ['今天天气', '很好。', '今天天气很好。'],
  ['今天，', '，很好', '今天，很好'],
  ['hello', 'world', 'hello world'],
  ['hello,', 'world', 'hello, world'],
  ['我用', 'Python', '我用Python'],
  ['Python', '写', 'Python写'],
])('joins %s and %s', (first, second, whole) => {
  expect(joinText(first, second)).toBe(whole);
});
