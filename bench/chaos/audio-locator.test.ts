import { expect, test } from 'vitest';
import { AdpcmEncoder, decodeAdpcm } from '../../lib/ima-adpcm.ts';
import { Random } from '../../lib/random.ts';
import { concat } from '../../local/asr/testing/audio.ts';
import { AudioLocator, Coverage } from './audio-locator.ts';
import { loadPhrases, renderAudio, writeScript } from './script.ts';

const phrases = loadPhrases();
const scripts = [0, 1].map((i) => writeScript(phrases, 20_000, new Random(`heard/${i}`)));
const voices = scripts.map((script, i) => renderAudio(script, i));
const locator = new AudioLocator(voices);

test('audio is found to the sample, wherever it was split, silence between phrases included', () => {
  const [first, second] = voices as [Int16Array, Int16Array];
  const recording = concat([
    first.subarray(123, 5_017),
    new Int16Array(3_200),
    second.subarray(40_001, 48_000),
  ]);
  expect(locator.locate(recording)).toEqual([
    { speaker: 0, pos: 123, at: 0, samples: 4_894 },
    { speaker: 1, pos: 40_001, at: 8_094, samples: 7_999 },
  ]);
});

test('audio that was sent twice in a row is found twice', () => {
  const [first] = voices as [Int16Array];
  const runs = locator.locate(concat([first.subarray(0, 16_000), first.subarray(8_000, 24_000)]));
  expect(runs.map(({ pos, samples }) => [pos, samples])).toEqual([
    [0, 16_000],
    [8_000, 16_000],
  ]);
});

test('two silences of the same speaker are told apart', () => {
  const [first] = voices as [Int16Array];
  const [one, two] = (scripts[0]?.utterances ?? []).slice(0, 2);
  const silence = first.subarray((one?.endPos ?? 0) + 1, two?.startPos);
  expect(locator.locate(silence.slice())).toEqual([
    { speaker: 0, pos: (one?.endPos ?? 0) + 1, at: 0, samples: silence.length },
  ]);
});

test('audio that was sent as ADPCM is found where its blocks say, between PCM and trimmed', () => {
  const [first] = voices as [Int16Array];
  const blocks = [20_000, 21_600, 23_200].map((pos) => {
    const block = new AdpcmEncoder().encode(first.slice(pos, pos + 1_600));
    return { speaker: 0, pos, pcm: decodeAdpcm(block) };
  });
  const [one, two, three] = blocks.map(({ pcm }) => pcm) as [Int16Array, Int16Array, Int16Array];
  const coverage = new Coverage(first.length);
  const recording = concat([
    first.subarray(10_000, 20_500),
    one.subarray(500),
    two,
    three.subarray(0, 900),
    first.subarray(24_100, 30_000),
  ]);
  for (const run of new AudioLocator(voices, blocks).locate(recording)) {
    expect(run.pos - run.at).toBe(10_000);
    coverage.add(run);
  }
  expect(coverage.missing(0, 40_000)).toEqual([
    { from: 0, to: 10_000 },
    { from: 30_000, to: 40_000 },
  ]);
});

test('a block that is too short to be found by itself is found behind what was sent before it', () => {
  const [first] = voices as [Int16Array];
  const blockAt = (pos: number, samples: number) => {
    const block = new AdpcmEncoder().encode(first.slice(pos, pos + samples));
    return { speaker: 0, pos, pcm: decodeAdpcm(block) };
  };
  const blocks = [blockAt(20_000, 1_600), blockAt(21_600, 10), blockAt(21_610, 1_600)];
  const found = new AudioLocator(voices, blocks).locate(concat(blocks.map(({ pcm }) => pcm)));
  expect(found.map(({ pos, samples }) => [pos, samples])).toEqual([
    [20_000, 1_600],
    [21_600, 10],
    [21_610, 1_600],
  ]);
  const [one, , three] = blocks.map(({ pcm }) => pcm) as [Int16Array, Int16Array, Int16Array];
  const coverage = new Coverage(first.length);
  for (const run of new AudioLocator(voices, blocks).locate(concat([one, three]))) coverage.add(run);
  expect(coverage.missing(20_000, 23_210)).toEqual([{ from: 21_600, to: 21_610 }]);
});

test('of a block the last samples are found, however few are new', () => {
  const [first] = voices as [Int16Array];
  const block = {
    speaker: 0,
    pos: 20_000,
    pcm: decodeAdpcm(new AdpcmEncoder().encode(first.slice(20_000, 20_200))),
  };
  const locator = new AudioLocator(voices, [block]);
  for (let newSamples = 1; newSamples <= 40; newSamples++) {
    const from = 20_200 - newSamples;
    const coverage = new Coverage(first.length);
    const recording = concat([
      first.subarray(19_000, from),
      block.pcm.subarray(from - block.pos),
      first.subarray(20_200, 21_000),
    ]);
    for (const run of locator.locate(recording)) coverage.add(run);
    expect(coverage.missing(19_000, 21_000), `${newSamples} samples`).toEqual([]);
  }
});

test('of blocks that begin alike each is found where it was sent', () => {
  const [first, second] = voices as [Int16Array, Int16Array];
  const alike = first.slice(20_000, 20_016);
  const blocks = [first, second].map((voice, speaker) => ({
    speaker,
    pos: 20_000,
    pcm: concat([alike, voice.slice(20_016, 21_600).map((sample) => sample & ~1)]),
  }));
  const found = new AudioLocator([], blocks).locate(concat(blocks.map(({ pcm }) => pcm)));
  expect(found.map(({ speaker, pos, samples }) => [speaker, pos, samples])).toEqual([
    [0, 20_000, 1_600],
    [1, 20_000, 1_600],
  ]);
});

test('coverage names the ranges that are missing', () => {
  const coverage = new Coverage(100);
  coverage.add({ pos: 10, samples: 20 });
  coverage.add({ pos: 25, samples: 25 });
  coverage.add({ pos: 80, samples: 20 });
  expect(coverage.missing(0, 100)).toEqual([
    { from: 0, to: 10 },
    { from: 50, to: 80 },
  ]);
  expect(coverage.missing(20, 45)).toEqual([]);
});
