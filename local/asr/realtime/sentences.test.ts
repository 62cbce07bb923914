import { describe, expect, test } from 'vitest';
import type { Hearing, Stretch } from '../engine/recogniser.ts';
import { type SentenceOptions, Sentences, type Slice } from './sentences.ts';

const OPTIONS: SentenceOptions = { silenceMs: 1_000, maxSpeakMs: 60_000, deliverEmpty: false };

/** One word a character, 100 ms each. */
const stretch = (text: string, startMs: number): Stretch => ({
  text,
  startMs,
  endMs: startMs + 100 * text.length,
  words: [...text].map((char, i) => ({
    text: char,
    startMs: startMs + 100 * i,
    endMs: startMs + 100 * (i + 1),
  })),
});

const hearing = (heardMs: number, parts: Partial<Hearing> = {}): Hearing => ({
  settled: [],
  open: null,
  speechStartMs: parts.open?.startMs ?? null,
  heardMs,
  last: false,
  ...parts,
});

const brief = (slices: readonly Slice[]): string[] =>
  slices.map(({ type, index, startMs, endMs, text }) => `${type} #${index} ${startMs}-${endMs} ${text}`);

function hearAll(options: Partial<SentenceOptions>, hearings: readonly Hearing[]): string[] {
  const sentences = new Sentences({ ...OPTIONS, ...options });
  return hearings.flatMap((one) => brief(sentences.hear(one)));
}

test('a sentence begins, grows while it is spoken, and ends after the pause', () => {
  expect(
    hearAll({}, [
      hearing(300, { open: stretch('今', 100) }),
      hearing(400, { open: stretch('今天', 100) }),
      hearing(500, { open: stretch('今天', 100) }),
      hearing(900, { settled: [stretch('今天。', 100)] }),
      hearing(1_300),
      hearing(1_400),
    ]),
  ).toEqual(['0 #0 100-200 今', '1 #0 100-300 今天', '1 #0 100-400 今天。', '2 #0 100-400 今天。']);
});

test('stretches closer than the pause are one sentence, nothing is put between them', () => {
  expect(
    hearAll({}, [
      hearing(900, { settled: [stretch('甲。', 100)] }),
      hearing(1_300, { speechStartMs: 1_250 }),
      hearing(2_000, { settled: [stretch('乙。', 1_250)] }),
      hearing(3_000),
    ]),
  ).toEqual(['0 #0 100-300 甲。', '1 #0 100-1450 甲。乙。', '2 #0 100-1450 甲。乙。']);
});

test('speech that begins exactly one pause later belongs to the next sentence', () => {
  expect(
    hearAll({}, [
      hearing(900, { settled: [stretch('甲', 100)] }),
      hearing(1_290, { open: stretch('乙', 1_200) }),
      hearing(1_400, { settled: [stretch('乙', 1_200)], last: true }),
    ]),
  ).toEqual(['0 #0 100-200 甲', '2 #0 100-200 甲', '0 #1 1200-1300 乙', '2 #1 1200-1300 乙']);
});

test('two stretches settled at once, far apart, are two sentences', () => {
  expect(
    hearAll({}, [hearing(5_000, { settled: [stretch('甲', 100), stretch('乙', 3_000)], last: true })]),
  ).toEqual(['2 #0 100-200 甲', '2 #1 3000-3100 乙']);
});

test('without a pause rule the whole stream is one sentence', () => {
  expect(
    hearAll({ silenceMs: Number.POSITIVE_INFINITY }, [
      hearing(900, { settled: [stretch('甲', 100)] }),
      hearing(9_000, { settled: [stretch('乙', 8_000)] }),
      hearing(20_000, { last: true }),
    ]),
  ).toEqual(['0 #0 100-200 甲', '1 #0 100-8100 甲乙', '2 #0 100-8100 甲乙']);
});

test('a noise that came to nothing leaves no trace, and its start is not the sentence’s', () => {
  expect(
    hearAll({}, [
      hearing(300, { speechStartMs: 200 }),
      hearing(800),
      hearing(1_900, { open: stretch('甲', 1_500) }),
      hearing(2_500, { settled: [stretch('甲', 1_500)], last: true }),
    ]),
  ).toEqual(['0 #0 1500-1600 甲', '2 #0 1500-1600 甲']);
});

test('empty results are paired, 0 and 2, where they are wanted', () => {
  expect(
    hearAll({ deliverEmpty: true }, [
      hearing(300, { speechStartMs: 200 }),
      hearing(400, { speechStartMs: 200 }),
      hearing(800),
      hearing(1_900),
    ]),
  ).toEqual(['0 #0 200-300 ', '2 #0 200-300 ']);
});

describe('a forced end in mid-speech', () => {
  const options = { maxSpeakMs: 5_000 };

  test('delivers the text so far; the rest of the phrase follows, every character once, times without a gap', () => {
    const slices = hearAll(options, [
      hearing(4_900, { open: stretch('今天的会', 100) }),
      hearing(5_100, { open: stretch('今天的会议', 100) }),
      hearing(5_200, { open: stretch('今天的会议', 100) }),
      hearing(5_300, { open: stretch('今天的会议现在', 100) }),
      hearing(6_000, { settled: [stretch('今天的会议现在开始。', 100)] }),
      hearing(7_200),
    ]);
    expect(slices).toEqual([
      '0 #0 100-500 今天的会',
      '2 #0 100-600 今天的会议',
      '0 #1 600-800 现在',
      '2 #1 600-1100 现在开始。',
    ]);
  });

  test('nothing follows where all was delivered', () => {
    expect(
      hearAll(options, [
        hearing(5_100, { open: stretch('甲乙', 100) }),
        hearing(5_600, { settled: [stretch('甲乙', 100)] }),
        hearing(9_000, { last: true }),
      ]),
    ).toEqual(['2 #0 100-300 甲乙']);
  });

  test('what was delivered may reach over several stretches', () => {
    expect(
      hearAll(options, [
        hearing(5_100, { open: stretch('甲。乙', 100) }),
        hearing(5_200, { settled: [stretch('甲。', 100)], open: stretch('乙丙', 300) }),
        hearing(6_000, { settled: [stretch('乙丙丁', 300)], last: true }),
      ]),
    ).toEqual(['2 #0 100-400 甲。乙', '0 #1 400-500 丙', '2 #1 400-600 丙丁']);
  });

  test('what begins after all of it was delivered begins where it is spoken', () => {
    const both: Stretch = {
      text: '甲乙丙',
      startMs: 100,
      endMs: 900,
      words: [...stretch('甲乙', 100).words, ...stretch('丙', 800).words],
    };
    expect(
      hearAll(options, [
        hearing(5_100, { open: stretch('甲乙', 100) }),
        hearing(5_600, { open: both }),
        hearing(6_000, { settled: [both], last: true }),
      ]),
    ).toEqual(['2 #0 100-300 甲乙', '0 #1 800-900 丙', '2 #1 800-900 丙']);
  });

  test('speech that it delivered whole begins no empty sentence', () => {
    expect(
      hearAll({ ...options, deliverEmpty: true }, [
        hearing(5_100, { open: stretch('甲乙', 100) }),
        hearing(5_200, { open: stretch('甲乙', 100) }),
        hearing(5_600, { settled: [stretch('甲乙', 100)] }),
        hearing(5_900, { open: stretch('丙', 5_700) }),
        hearing(6_000, { settled: [stretch('丙', 5_700)], last: true }),
      ]),
    ).toEqual(['2 #0 100-300 甲乙', '0 #1 5700-5800 丙', '2 #1 5700-5800 丙']);
  });

  test('waits for a text: there is no empty sentence', () => {
    expect(
      hearAll(options, [
        hearing(300, { speechStartMs: 200 }),
        hearing(6_000, { speechStartMs: 200 }),
        hearing(7_000, { settled: [stretch('〔语音 6 秒〕', 200)], last: true }),
      ]),
    ).toEqual(['2 #0 200-1000 〔语音 6 秒〕']);
  });

  test('speech that turns out to be something else is still delivered, after the part that was', () => {
    const slices = hearAll(options, [
      hearing(5_100, { open: stretch('甲乙', 100) }),
      hearing(6_000, { settled: [stretch('丙丁戊己', 100)], last: true }),
    ]);
    expect(slices).toEqual(['2 #0 100-300 甲乙', '2 #1 300-500 丙丁戊己']);
  });
});

test('words are stable once their stretch is settled', () => {
  const sentences = new Sentences(OPTIONS);
  sentences.hear(hearing(900, { settled: [stretch('甲', 100)] }));
  const [slice] = sentences.hear(hearing(1_300, { open: stretch('乙', 1_000) }));
  expect(slice?.words).toEqual([
    { text: '甲', startMs: 100, endMs: 200, stable: true },
    { text: '乙', startMs: 1_000, endMs: 1_100, stable: false },
  ]);
});
