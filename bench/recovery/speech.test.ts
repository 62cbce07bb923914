import { expect, test } from 'vitest';
import { LevelMeter } from '../../container/src/upstream/level-meter.ts';
import { Random } from '../../lib/random.ts';
import { cutScript, loadPhrases, RATE_HZ, renderAudio } from '../chaos/script.ts';
import { SPEECHES, type Speech, type SpeechId, writeSpeech } from './speech.ts';

const DURATION_MS = 40_000;
/** A checkpoint inside a sentence needs so much quiet. */
const CHECKPOINT_QUIET_MS = 240;
/** The recogniser's default for the pause that ends a sentence. */
const SENTENCE_QUIET_MS = 1_000;

const phrases = loadPhrases();
const speechOf = (id: SpeechId): Speech => SPEECHES.find((speech) => speech.id === id) as Speech;
const scriptOf = (id: SpeechId, seed: number) =>
  writeSpeech(speechOf(id), phrases, DURATION_MS, new Random(`speech/${seed}`));

/** From the end of each phrase's voice to the next one's beginning, ms. */
const pausesOf = ({ utterances }: ReturnType<typeof scriptOf>): number[] =>
  utterances.slice(1).map(({ phrase, startPos }, i) => {
    const before = utterances[i] as (typeof utterances)[number];
    return ((startPos + phrase.voice.from - before.startPos - before.phrase.voice.to) * 1000) / RATE_HZ;
  });

/** How often the container's own level meter finds this much quiet between the first and the last phrase, looking every 2 s. */
function quietPlaces(id: SpeechId, seed: number, quietMs: number): number {
  const script = scriptOf(id, seed);
  const pcm = renderAudio(script, seed);
  const meter = new LevelMeter(RATE_HZ, 0);
  meter.push(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength));
  const [from, to] = [script.utterances[0]?.startPos ?? 0, script.utterances.at(-1)?.endPos ?? 0];
  let found = 0;
  for (let at = from; at + 2 * RATE_HZ <= to; at += 2 * RATE_HZ)
    if (meter.lastPause(at, at + 2 * RATE_HZ, quietMs) !== undefined) found++;
  return found;
}

test('voices are apart by exactly the pauses of the speech', () => {
  expect(new Set(pausesOf(scriptOf('pauses', 1)))).toEqual(new Set([400]));
  expect(new Set(pausesOf(scriptOf('nonstop', 1)))).toEqual(new Set([180]));
  const pauses = pausesOf(scriptOf('sentences', 1));
  expect(new Set(pauses)).toEqual(new Set([400, 1_400]));
  // two to four phrases are a sentence
  const lengths = pauses
    .join(' ')
    .split('1400')
    .slice(1, -1)
    .map((some) => (some.match(/400/g) ?? []).length + 1);
  expect(lengths.length).toBeGreaterThan(2);
  for (const length of lengths) expect([2, 3, 4]).toContain(length);
});

test('the container finds room for checkpoints in pauses of 0.4 s, and none in speech that does not stop', () => {
  for (let seed = 0; seed < 5; seed++) {
    expect(quietPlaces('pauses', seed, CHECKPOINT_QUIET_MS)).toBeGreaterThan(12);
    expect(quietPlaces('nonstop', seed, CHECKPOINT_QUIET_MS)).toBe(0);
    expect(quietPlaces('sentences', seed, SENTENCE_QUIET_MS)).toBeGreaterThan(1);
    expect(quietPlaces('pauses', seed, SENTENCE_QUIET_MS)).toBe(0);
  }
});

test('a script that is shortened ends behind the phrase that is being said', () => {
  const script = scriptOf('nonstop', 3);
  const [first, second] = script.utterances;
  const cut = cutScript(script, (first?.endPos ?? 0) + 1);
  expect(cut.utterances).toEqual([first, second]);
  expect(cut.length).toBeGreaterThanOrEqual(second?.endPos ?? 0);
  expect(cut.length).toBeLessThan(script.utterances[2]?.startPos ?? 0);
  expect(cutScript(script, script.length)).toBe(script);
});
