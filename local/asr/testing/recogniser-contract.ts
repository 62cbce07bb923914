import { describe, expect, test } from 'vitest';
import type { AsrEngine, Hearing } from '../engine/recogniser.ts';

export interface ContractSubject {
  engine(): AsrEngine;
  /** Speech with pauses, and what is heard in it, one line per stretch of speech. */
  speech: Int16Array;
  texts: readonly string[];
}

/** Everything that a stream makes of `pcm`, until the last hearing. */
export function hearAll(engine: AsrEngine, pcm: Int16Array, frameSamples: number): Promise<Hearing[]> {
  const hearings: Hearing[] = [];
  return new Promise((resolve, reject) => {
    const recogniser = engine.open(
      {
        onHearing(hearing) {
          hearings.push(hearing);
          if (hearing.last) resolve(hearings);
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

/** What every engine must keep, whatever it recognises. */
export function describeRecogniser(name: string, subject: ContractSubject): void {
  const { speech, texts } = subject;
  const heard = (frameSamples = 1_600): Promise<Hearing[]> => hearAll(subject.engine(), speech, frameSamples);
  const settledTexts = (hearings: readonly Hearing[]): string[] =>
    hearings.flatMap(({ settled }) => settled.map(({ text }) => text.trim()));

  describe(`${name} as a recogniser`, () => {
    test('settles what was said', async () => {
      expect(settledTexts(await heard())).toEqual(texts);
    });

    test('does so however the audio is cut', async () => {
      const whole = (await heard(speech.length)).flatMap(({ settled }) => settled);
      expect((await heard(333)).flatMap(({ settled }) => settled)).toEqual(whole);
    });

    test('hears time go by, never backwards, and ends once with everything settled', async () => {
      const hearings = await heard();
      for (const [i, { heardMs }] of hearings.entries()) {
        expect(heardMs).toBeGreaterThanOrEqual(hearings[i - 1]?.heardMs ?? 0);
      }
      expect(hearings.filter(({ last }) => last)).toHaveLength(1);
      const last = hearings.at(-1);
      expect(last).toMatchObject({ last: true, open: null, speechStartMs: null });
      expect(last?.heardMs).toBeGreaterThanOrEqual(speech.length / 16 - 20);
    });

    test('shows text before it is settled', async () => {
      const hearings = await heard();
      const firstSettled = hearings.findIndex(({ settled }) => settled.length > 0);
      expect(hearings.slice(0, firstSettled).some(({ open }) => open !== null)).toBe(true);
    });

    test('gives words that make up the text, in order, inside its times', async () => {
      const stretches = (await heard()).flatMap(({ settled, open }) => (open ? [...settled, open] : settled));
      for (const { text, words, startMs, endMs } of stretches) {
        expect(words.map((word) => word.text).join('')).toBe(text);
        for (const [i, word] of words.entries()) {
          expect(word.startMs).toBeGreaterThanOrEqual(words[i - 1]?.startMs ?? startMs);
          expect(word.endMs).toBeGreaterThanOrEqual(word.startMs);
          expect(word.endMs).toBeLessThanOrEqual(endMs);
        }
      }
    });

    test('settles stretches in order, and leaves unsettled speech behind them', async () => {
      let settledMs = 0;
      for (const { settled, speechStartMs } of await heard()) {
        for (const { startMs, endMs } of settled) {
          expect(startMs).toBeGreaterThanOrEqual(settledMs);
          settledMs = endMs;
        }
        expect(speechStartMs ?? settledMs).toBeGreaterThanOrEqual(settledMs);
      }
    });

    test('keeps streams apart that run at the same time', async () => {
      const all = await Promise.all([heard(640), heard(1_600), heard(3_200)]);
      for (const hearings of all) expect(settledTexts(hearings)).toEqual(texts);
    });

    test('says nothing about silence', async () => {
      const hearings = await hearAll(subject.engine(), new Int16Array(48_000), 1_600);
      expect(settledTexts(hearings)).toEqual([]);
      expect(hearings.every(({ open }) => open === null)).toBe(true);
    });

    test('says nothing more after it is closed, twice if need be', async () => {
      const hearings: Hearing[] = [];
      const engine = subject.engine();
      const events = { onHearing: (hearing: Hearing) => hearings.push(hearing), onFailure: () => {} };
      const recogniser = engine.open(events, { silenceMs: 1_000 });
      recogniser.push(speech.subarray(0, 8_000));
      recogniser.close();
      recogniser.close();
      const before = hearings.length;
      recogniser.push(speech);
      recogniser.flush();
      await heard();
      expect(hearings.length).toBe(before);
    });

    test('has no lag when everything was heard', async () => {
      await heard();
      expect(subject.engine().lagMs()).toBe(0);
    });
  });
}
