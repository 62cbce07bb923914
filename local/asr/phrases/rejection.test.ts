import { expect, test } from 'vitest';
import { concat, silence } from '../testing/audio.ts';
import { readSampleFolder, type Sample } from '../testing/sample-files.ts';
import { transcribe } from '../testing/transcribe.ts';
import { analyseRecording, PhraseBank } from './bank.ts';
import { PhraseEngine } from './phrase-engine.ts';

const phrases = readSampleFolder('phrases');
const recordings = phrases.map(({ text, samples }) => analyseRecording(text, samples));
const UNKNOWN = /^(〔语音 \d+ 秒〕)+$/;

const recognise = (engine: PhraseEngine, pcm: Int16Array): Promise<string> =>
  transcribe(engine, concat([silence(500), pcm, silence(1_300)]));

test('a phrase that is not enrolled is not recognised as another one', async () => {
  for (const { text, samples } of phrases) {
    const others = new PhraseBank(recordings.filter((recording) => recording.text !== text));
    expect(await recognise(new PhraseEngine(others), samples), text).toMatch(UNKNOWN);
  }
});

test('a phrase in which one second is replaced is not recognised as that phrase', async () => {
  const engine = new PhraseEngine(new PhraseBank(recordings));
  const long = phrases.filter(({ samples }) => samples.length > 16_000 * 2);
  expect(long.length).toBeGreaterThan(8);
  for (const [i, phrase] of long.entries()) {
    const other = long[(i + 1) % long.length] as Sample;
    const spliced = phrase.samples.slice();
    spliced.set(other.samples.subarray(9_600, 25_600), 9_600);
    expect(await recognise(engine, spliced), phrase.text).not.toContain(phrase.text);
  }
});
