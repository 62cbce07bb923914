import { describe, expect, test } from 'vitest';
import type { RecognitionUpdate, Segment } from '../recogniser.ts';
import { type SentenceOptions, Sentences, type Slice } from './sentences.ts';

const OPTIONS: SentenceOptions = { silenceMs: 1_000, maxSpeakMs: 60_000, deliverEmpty: false };

/** A segment of one word per character, 100 ms each. */
const segment = (text: string, startMs: number): Segment => ({
  text,
  startMs,
  endMs: startMs + 100 * text.length,
  words: [...text].map((char, i) => ({
    text: char,
    startMs: startMs + 100 * i,
    endMs: startMs + 100 * (i + 1),
  })),
});

const update = (processedMs: number, parts: Partial<RecognitionUpdate> = {}): RecognitionUpdate => ({
  finals: [],
  interim: null,
  speechStartMs: parts.interim?.startMs ?? null,
  processedMs,
  last: false,
  ...parts,
});

const format = (slices: readonly Slice[]): string[] =>
  slices.map(({ type, index, startMs, endMs, text }) => `${type} #${index} ${startMs}-${endMs} ${text}`);

function slicesOf(options: Partial<SentenceOptions>, updates: readonly RecognitionUpdate[]): string[] {
  const sentences = new Sentences({ ...OPTIONS, ...options });
  return updates.flatMap((one) => format(sentences.apply(one)));
}

test('a sentence begins, grows while it is spoken, and ends after the pause', () => {
  expect(
    slicesOf({}, [
      update(300, { interim: segment('今', 100) }),
      update(400, { interim: segment('今天', 100) }),
      update(500, { interim: segment('今天', 100) }),
      update(900, { finals: [segment('今天。', 100)] }),
      update(1_300),
      update(1_400),
    ]),
  ).toEqual(['0 #0 100-200 今', '1 #0 100-300 今天', '1 #0 100-400 今天。', '2 #0 100-400 今天。']);
});

test('segments closer than the pause are one sentence, with nothing inserted between them', () => {
  expect(
    slicesOf({}, [
      update(900, { finals: [segment('甲。', 100)] }),
      update(1_300, { speechStartMs: 1_250 }),
      update(2_000, { finals: [segment('乙。', 1_250)] }),
      update(3_000),
    ]),
  ).toEqual(['0 #0 100-300 甲。', '1 #0 100-1450 甲。乙。', '2 #0 100-1450 甲。乙。']);
});

test('speech that begins exactly one pause later belongs to the next sentence', () => {
  expect(
    slicesOf({}, [
      update(900, { finals: [segment('甲', 100)] }),
      update(1_290, { interim: segment('乙', 1_200) }),
      update(1_400, { finals: [segment('乙', 1_200)], last: true }),
    ]),
  ).toEqual(['0 #0 100-200 甲', '2 #0 100-200 甲', '0 #1 1200-1300 乙', '2 #1 1200-1300 乙']);
});

test('two finals at once, far apart, are two sentences', () => {
  expect(
    slicesOf({}, [update(5_000, { finals: [segment('甲', 100), segment('乙', 3_000)], last: true })]),
  ).toEqual(['2 #0 100-200 甲', '2 #1 3000-3100 乙']);
});

test('without a pause rule the whole stream is one sentence', () => {
  expect(
    slicesOf({ silenceMs: Number.POSITIVE_INFINITY }, [
      update(900, { finals: [segment('甲', 100)] }),
      update(9_000, { finals: [segment('乙', 8_000)] }),
      update(20_000, { last: true }),
    ]),
  ).toEqual(['0 #0 100-200 甲', '1 #0 100-8100 甲乙', '2 #0 100-8100 甲乙']);
});

test('speech without a text is not reported, and does not date the start of the sentence after it', () => {
  expect(
    slicesOf({}, [
      update(300, { speechStartMs: 200 }),
      update(800),
      update(1_900, { interim: segment('甲', 1_500) }),
      update(2_500, { finals: [segment('甲', 1_500)], last: true }),
    ]),
  ).toEqual(['0 #0 1500-1600 甲', '2 #0 1500-1600 甲']);
});

test('with deliverEmpty a sentence without text is reported with 0 and 2', () => {
  expect(
    slicesOf({ deliverEmpty: true }, [
      update(300, { speechStartMs: 200 }),
      update(400, { speechStartMs: 200 }),
      update(800),
      update(1_900),
    ]),
  ).toEqual(['0 #0 200-300 ', '2 #0 200-300 ']);
});

describe('a forced end within speech', () => {
  const options = { maxSpeakMs: 5_000 };

  test('reports the text so far; the rest of the phrase follows, every character once, without a gap in time', () => {
    const slices = slicesOf(options, [
      update(4_900, { interim: segment('今天的会', 100) }),
      update(5_100, { interim: segment('今天的会议', 100) }),
      update(5_200, { interim: segment('今天的会议', 100) }),
      update(5_300, { interim: segment('今天的会议现在', 100) }),
      update(6_000, { finals: [segment('今天的会议现在开始。', 100)] }),
      update(7_200),
    ]);
    expect(slices).toEqual([
      '0 #0 100-500 今天的会',
      '2 #0 100-600 今天的会议',
      '0 #1 600-800 现在',
      '2 #1 600-1100 现在开始。',
    ]);
  });

  test('nothing follows when all text was reported', () => {
    expect(
      slicesOf(options, [
        update(5_100, { interim: segment('甲乙', 100) }),
        update(5_600, { finals: [segment('甲乙', 100)] }),
        update(9_000, { last: true }),
      ]),
    ).toEqual(['2 #0 100-300 甲乙']);
  });

  test('the reported text may cover several segments', () => {
    expect(
      slicesOf(options, [
        update(5_100, { interim: segment('甲。乙', 100) }),
        update(5_200, { finals: [segment('甲。', 100)], interim: segment('乙丙', 300) }),
        update(6_000, { finals: [segment('乙丙丁', 300)], last: true }),
      ]),
    ).toEqual(['2 #0 100-400 甲。乙', '0 #1 400-500 丙', '2 #1 400-600 丙丁']);
  });

  test('text after the reported part starts when it is spoken', () => {
    const both: Segment = {
      text: '甲乙丙',
      startMs: 100,
      endMs: 900,
      words: [...segment('甲乙', 100).words, ...segment('丙', 800).words],
    };
    expect(
      slicesOf(options, [
        update(5_100, { interim: segment('甲乙', 100) }),
        update(5_600, { interim: both }),
        update(6_000, { finals: [both], last: true }),
      ]),
    ).toEqual(['2 #0 100-300 甲乙', '0 #1 800-900 丙', '2 #1 800-900 丙']);
  });

  test('speech whose text was reported completely begins no empty sentence', () => {
    expect(
      slicesOf({ ...options, deliverEmpty: true }, [
        update(5_100, { interim: segment('甲乙', 100) }),
        update(5_200, { interim: segment('甲乙', 100) }),
        update(5_600, { finals: [segment('甲乙', 100)] }),
        update(5_900, { interim: segment('丙', 5_700) }),
        update(6_000, { finals: [segment('丙', 5_700)], last: true }),
      ]),
    ).toEqual(['2 #0 100-300 甲乙', '0 #1 5700-5800 丙', '2 #1 5700-5800 丙']);
  });

  test('waits for a text: it reports no empty sentence', () => {
    expect(
      slicesOf(options, [
        update(300, { speechStartMs: 200 }),
        update(6_000, { speechStartMs: 200 }),
        update(7_000, { finals: [segment('〔语音 6 秒〕', 200)], last: true }),
      ]),
    ).toEqual(['2 #0 200-1000 〔语音 6 秒〕']);
  });

  test('text that turns out to be different is reported too, after the reported part', () => {
    const slices = slicesOf(options, [
      update(5_100, { interim: segment('甲乙', 100) }),
      update(6_000, { finals: [segment('丙丁戊己', 100)], last: true }),
    ]);
    expect(slices).toEqual(['2 #0 100-300 甲乙', '2 #1 300-500 丙丁戊己']);
  });
});

test('words are stable once their segment is final', () => {
  const sentences = new Sentences(OPTIONS);
  sentences.apply(update(900, { finals: [segment('甲', 100)] }));
  const [slice] = sentences.apply(update(1_300, { interim: segment('乙', 1_000) }));
  expect(slice?.words).toEqual([
    { text: '甲', startMs: 100, endMs: 200, stable: true },
    { text: '乙', startMs: 1_000, endMs: 1_100, stable: false },
  ]);
});
