import { describe, expect, test } from 'vitest';
import type { AsrEngine, RecognitionUpdate } from '../recogniser.ts';

export interface ContractSubject {
  engine(): AsrEngine;
  /** Speech with pauses, and the texts that are recognised in it, one per final segment. */
  speech: Int16Array;
  texts: readonly string[];
}

/** All updates of a stream for `pcm`. */
export function updatesFor(
  engine: AsrEngine,
  pcm: Int16Array,
  frameSamples: number,
): Promise<RecognitionUpdate[]> {
  const updates: RecognitionUpdate[] = [];
  return new Promise((resolve, reject) => {
    const recogniser = engine.open(
      {
        onUpdate(update) {
          updates.push(update);
          if (update.last) resolve(updates);
        },
        onFailure: reject,
      },
      { silenceMs: 1_000 },
    );
    for (let at = 0; at < pcm.length; at += frameSamples)
      recogniser.push(pcm.subarray(at, at + frameSamples));
    recogniser.flush();
  });
}

/** Tests that every engine must pass, whatever it recognises. */
export function describeRecogniser(name: string, subject: ContractSubject): void {
  const { speech, texts } = subject;
  const recognise = (frameSamples = 1_600): Promise<RecognitionUpdate[]> =>
    updatesFor(subject.engine(), speech, frameSamples);
  const finalTexts = (updates: readonly RecognitionUpdate[]): string[] =>
    updates.flatMap(({ finals }) => finals.map(({ text }) => text.trim()));

  describe(`${name} as a recogniser`, () => {
    test('makes final what was spoken', async () => {
      expect(finalTexts(await recognise())).toEqual(texts);
    });

    test('gives the same finals however the audio is split', async () => {
      const whole = (await recognise(speech.length)).flatMap(({ finals }) => finals);
      expect((await recognise(333)).flatMap(({ finals }) => finals)).toEqual(whole);
    });

    test('reports increasing processed audio, and one last update with nothing open', async () => {
      const updates = await recognise();
      for (const [i, { processedMs }] of updates.entries()) {
        expect(processedMs).toBeGreaterThanOrEqual(updates[i - 1]?.processedMs ?? 0);
      }
      expect(updates.filter(({ last }) => last)).toHaveLength(1);
      const last = updates.at(-1);
      expect(last).toMatchObject({ last: true, interim: null, speechStartMs: null });
      expect(last?.processedMs).toBeGreaterThanOrEqual(speech.length / 16 - 20);
    });

    test('shows interim text before the first final', async () => {
      const updates = await recognise();
      const firstFinal = updates.findIndex(({ finals }) => finals.length > 0);
      expect(updates.slice(0, firstFinal).some(({ interim }) => interim !== null)).toBe(true);
    });

    test('gives words that make up the text, in order, within its times', async () => {
      const segments = (await recognise()).flatMap(({ finals, interim }) =>
        interim ? [...finals, interim] : finals,
      );
      for (const { text, words, startMs, endMs } of segments) {
        expect(words.map((word) => word.text).join('')).toBe(text);
        for (const [i, word] of words.entries()) {
          expect(word.startMs).toBeGreaterThanOrEqual(words[i - 1]?.startMs ?? startMs);
          expect(word.endMs).toBeGreaterThanOrEqual(word.startMs);
          expect(word.endMs).toBeLessThanOrEqual(endMs);
        }
      }
    });

    test('gives finals in order, and speech that is not final after them', async () => {
      let finalUntilMs = 0;
      for (const { finals, speechStartMs } of await recognise()) {
        for (const { startMs, endMs } of finals) {
          expect(startMs).toBeGreaterThanOrEqual(finalUntilMs);
          finalUntilMs = endMs;
        }
        expect(speechStartMs ?? finalUntilMs).toBeGreaterThanOrEqual(finalUntilMs);
      }
    });

    test('keeps concurrent streams apart', async () => {
      const all = await Promise.all([recognise(640), recognise(1_600), recognise(3_200)]);
      for (const updates of all) expect(finalTexts(updates)).toEqual(texts);
    });

    test('gives no text for silence', async () => {
      const updates = await updatesFor(subject.engine(), new Int16Array(48_000), 1_600);
      expect(finalTexts(updates)).toEqual([]);
      expect(updates.every(({ interim }) => interim === null)).toBe(true);
    });

    test('sends nothing after it is closed, which may be done twice', async () => {
      const updates: RecognitionUpdate[] = [];
      const engine = subject.engine();
      const events = { onUpdate: (update: RecognitionUpdate) => updates.push(update), onFailure: () => {} };
      const recogniser = engine.open(events, { silenceMs: 1_000 });
      recogniser.push(speech.subarray(0, 8_000));
      recogniser.close();
      recogniser.close();
      const before = updates.length;
      recogniser.push(speech);
      recogniser.flush();
      await recognise();
      expect(updates.length).toBe(before);
    });

    test('has no lag when everything was processed', async () => {
      await recognise();
      expect(subject.engine().lagMs()).toBe(0);
    });
  });
}
