import { beforeAll, describe, expect, test } from 'vitest';
import { Upsampler } from '../../../lib/resample.ts';
import type { Segment } from '../recogniser.ts';
import { concat, silence } from '../testing/audio.ts';
import { gain, tempo, toTelephone, viaRate, whiteNoise } from '../testing/degrade.ts';
import { RECORDING_NAMES, readSample, readSampleFolder, SAMPLES_DIR } from '../testing/sample-files.ts';
import { slicesOf, transcribe } from '../testing/transcribe.ts';
import { PhraseEngine } from './phrase-engine.ts';
import { loadPhraseBank } from './samples.ts';

let engine: PhraseEngine;
beforeAll(() => {
  engine = new PhraseEngine(loadPhraseBank(SAMPLES_DIR));
});

const padded = (pcm: Int16Array): Int16Array => concat([silence(500), pcm, silence(1_300)]);

test.each(RECORDING_NAMES)('%s.wav gives exactly its text', async (name) => {
  const { samples, text } = readSample(name);
  expect(await transcribe(engine, samples)).toBe(text);
});

describe('the text is the same on audio that was', () => {
  test.each<[string, (pcm: Int16Array) => Int16Array]>([
    ['resampled from 48 kHz', (pcm) => viaRate(pcm, 48_000)],
    ['resampled from 44.1 kHz', (pcm) => viaRate(pcm, 44_100)],
    ['made 6 dB louder', (pcm) => gain(pcm, 6)],
    ['made 6 dB quieter', (pcm) => gain(pcm, -6)],
    ['mixed with white noise at 20 dB', (pcm) => whiteNoise(pcm, 20)],
    ['spoken a tenth faster', (pcm) => tempo(pcm, 1.1)],
    ['spoken a tenth slower', (pcm) => tempo(pcm, 0.9)],
    ['taken through 8 kHz', (pcm) => new Upsampler().push(toTelephone(pcm))],
  ])('%s', async (_, degrade) => {
    const { samples, text } = readSample('fast');
    expect(await transcribe(engine, degrade(samples))).toBe(text);
  });
});

describe('a phrase is recognised however little silence is before it', () => {
  test.each([0, 20, 40, 60, 500])('%i ms', async (leadMs) => {
    for (const { name, samples, text } of [...readSampleFolder('phrases'), ...readSampleFolder('voices')]) {
      const pcm = concat([silence(leadMs), samples, silence(1_300)]);
      expect(await transcribe(engine, pcm), name).toBe(text);
      expect(await transcribe(engine, whiteNoise(pcm, 20)), `${name} in noise`).toBe(text);
    }
  });
});

test('voices that were not enrolled are recognised', async () => {
  for (const { samples, text } of readSampleFolder('voices')) {
    expect(await transcribe(engine, padded(samples))).toBe(text);
  }
});

describe('speech that is not in the bank', () => {
  test('is answered with its length, and never recognised as a phrase', async () => {
    const unknown = readSampleFolder('unknown');
    expect(unknown).toHaveLength(20);
    for (const { name, samples } of unknown) {
      for (const pcm of [padded(samples), whiteNoise(padded(samples), 20)]) {
        expect(await transcribe(engine, pcm), name).toMatch(/^〔语音 \d+ 秒〕$/);
      }
    }
  });

  test('is part of the same sentence as a phrase', async () => {
    const phrase = readSample('phrases/coffee');
    const unknown = readSample('unknown/02');
    const pcm = concat([silence(500), unknown.samples, silence(400), phrase.samples, silence(1_300)]);
    expect(await transcribe(engine, pcm)).toBe(`〔语音 1 秒〕${phrase.text}`);
  });
});

describe('no text is recognised in', () => {
  test.each<[string, Int16Array]>([
    ['silence', silence(10_000)],
    [
      'steady white noise',
      whiteNoise(
        Int16Array.from({ length: 160_000 }, (_, i) => (i % 2 ? 1 : -1) * 900),
        3,
      ),
    ],
    ['a click', (() => silence(3_000).fill(20_000, 16_000, 16_200))()],
  ])('%s', async (_, pcm) => {
    expect(await slicesOf(engine, pcm)).toEqual([]);
  });
});

test('interim text only grows', async () => {
  const { samples } = readSample('meeting');
  const slices = await slicesOf(engine, samples);
  const texts = new Map<number, string>();
  for (const { index, text } of slices) {
    expect(text.startsWith(texts.get(index) ?? '')).toBe(true);
    texts.set(index, text);
  }
  expect(slices.length).toBeGreaterThan(50);
});

test('the result does not depend on how the audio is split into frames', async () => {
  const samples = readSample('fast').samples.subarray(0, 16_000 * 6);
  const whole = await slicesOf(engine, samples, {}, samples.length);
  expect(await slicesOf(engine, samples, {}, 160)).toEqual(whole);
  expect(await slicesOf(engine, samples, {}, 3_333)).toEqual(whole);
});

test('audio that begins anywhere in a pause gives the following sentences', async () => {
  const { samples: whole, text } = readSample('meeting');
  const samples = whole.subarray(0, 16_000 * 10);
  const slices = await slicesOf(engine, samples);
  const [first, second, third] = slices.filter(({ type }) => type === 2);
  expect(third).toBeDefined();
  const rest = text.split('\n').slice(1, 3).join('\n');
  const from = (first?.endMs ?? 0) + 60;
  const to = (second?.startMs ?? 0) - 60;
  expect(to - from).toBeGreaterThan(1_000);
  for (let ms = from; ms <= to; ms += (to - from) / 9) {
    expect(await transcribe(engine, samples.subarray(Math.round(ms * 16))), `from ${ms} ms`).toBe(rest);
  }
});

test('a phrase is recognised after the tail of another one that began before the stream', async () => {
  const { samples: before } = readSample('phrases/hiking');
  const { samples, text } = readSample('phrases/train-ticket');
  for (const tailMs of [100, 200, 300]) {
    const pcm = concat([before.subarray(-tailMs * 16), silence(300), samples, silence(1_300)]);
    expect(await transcribe(engine, pcm), `tail of ${tailMs} ms`).toBe(text);
  }
});

test('times are those at which the phrase was spoken', async () => {
  const { samples } = readSample('phrases/server-fault');
  const slices = await slicesOf(engine, concat([silence(2_000), samples, silence(1_500)]));
  const final = slices.at(-1);
  expect(Math.abs((final?.startMs ?? 0) - 2_000)).toBeLessThan(150);
  expect(Math.abs((final?.endMs ?? 0) - 2_000 - samples.length / 16)).toBeLessThan(200);
  const words = final?.words ?? [];
  expect(words.map(({ text }) => text).join('')).toBe(final?.text);
  expect(words[0]?.startMs).toBe(final?.startMs);
  expect(words.at(-1)?.endMs).toBe(final?.endMs);
  for (const [i, word] of words.entries())
    expect(word.startMs).toBe(i === 0 ? final?.startMs : words[i - 1]?.endMs);
});

test.each([
  ['umbrella', '了', 1_380, 1_520],
  ['no-problem', '的', 880, 980],
  ['everyone', 'Understood', 980, 1_180],
])(
  'the word before the comma of %s ends where the pause begins',
  async (id, text, pauseFromMs, pauseToMs) => {
    const { samples } = readSample(`phrases/${id}`);
    const words = (await slicesOf(engine, padded(samples))).at(-1)?.words ?? [];
    const endMs = words.find((word) => word.text === text)?.endMs ?? 0;
    expect(endMs).toBeGreaterThanOrEqual(pauseFromMs);
    expect(endMs).toBeLessThanOrEqual((pauseFromMs + pauseToMs) / 2);
  },
);

describe('English words', () => {
  const wordsOf = async (id: string): Promise<string[]> => {
    const { samples } = readSample(`phrases/${id}`);
    const final = (await slicesOf(engine, padded(samples))).find(({ type }) => type === 2);
    return final?.words.map(({ text }) => text) ?? [];
  };

  test('are words with the space before them, Chinese characters are words each', async () => {
    expect(await wordsOf('everything-saved')).toEqual(['Everything', ' is', ' saved', '.']);
    expect(await wordsOf('wi-fi')).toEqual([...'换一个', ' Wi-Fi', ' 再', ...'试一次。']);
  });

  test('grow by letters while they are spoken; after a forced end within one, the whole word follows', async () => {
    const lead = readSample('phrases/train-ticket').samples;
    const { samples } = readSample('phrases/everything-saved');
    const pauseMs = 4_100 - lead.length / 16;
    for (const [moreMs, end] of [
      [0, 'save | saved.'],
      [120, 'sa | saved.'],
      [300, 'Everything i | is saved.'],
    ] as const) {
      const pcm = concat([silence(500), lead, silence(pauseMs + moreMs), samples, silence(1_300)]);
      const slices = await slicesOf(engine, pcm, { maxSpeakMs: 5_000, silenceMs: 2_000 });
      const finals = slices.flatMap(({ type, text }) => (type === 2 ? [text.trim()] : []));
      expect(finals.join(' | ').endsWith(end), finals.join(' | ')).toBe(true);
    }
  });
});

test.each([5_000, 7_300, 11_000])(
  'with forced ends after %i ms every character is reported once, in sentences that do not overlap',
  async (maxSpeakMs) => {
    const { samples, text } = readSample('fast');
    const slices = await slicesOf(engine, samples, { maxSpeakMs });
    const finals = slices.filter(({ type }) => type === 2);
    expect(finals.length).toBeGreaterThan(2);
    expect(finals.map((slice) => slice.text).join('')).toBe(text);
    for (const [i, { startMs, endMs }] of finals.entries()) {
      // checked every 100 ms of audio
      expect(endMs - startMs).toBeLessThanOrEqual(maxSpeakMs + 100);
      expect(startMs).toBeGreaterThanOrEqual(finals[i - 1]?.endMs ?? 0);
    }
    const words = finals.flatMap((slice) => slice.words);
    for (const [i, word] of words.entries()) {
      expect(word.endMs).toBeGreaterThanOrEqual(word.startMs);
      expect(word.startMs).toBeGreaterThanOrEqual((words[i - 1] as Segment | undefined)?.endMs ?? 0);
    }
  },
);
