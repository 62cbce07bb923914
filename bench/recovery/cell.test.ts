import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../lib/random.ts';
import { PhraseEngine } from '../../local/asr/phrases/phrase-engine.ts';
import { loadPhraseBank } from '../../local/asr/phrases/samples.ts';
import { SAMPLES_DIR } from '../../local/asr/testing/sample-files.ts';
import { transcribe } from '../../local/asr/testing/transcribe.ts';
import { loadPhrases, renderAudio } from '../chaos/script.ts';
import { runCell } from './cell.ts';
import { chooseCells } from './matrix.ts';
import { SPEECHES, writeSpeech } from './speech.ts';

const TEST_TIMEOUT_MS = 180_000;
const AT_MS = 6_000;

test('a dropped stream of the recogniser: text stops, is back, catches up, and no word is lost or doubled', {
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'recovery-'));
  const [cell] = chooseCells({ quick: false, only: 'drop/pauses' });
  if (!cell) throw new Error('there is no such cell');
  const progress: string[] = [];
  try {
    const result = await runCell(cell, {
      atMs: AT_MS,
      sessions: 2,
      seed: 1,
      dataDir,
      log: (line) => progress.push(line),
    });
    expect(result).toMatchObject({
      kind: 'drop',
      speech: 'pauses',
      atMs: AT_MS,
      lost: 0,
      doubled: 0,
      problems: [],
    });
    expect(result.words).toBeGreaterThan(50);
    expect(progress.length).toBeGreaterThan(1);
    expect(result.recoveries).toHaveLength(2);
    for (const { backToTextMs = 0, caughtUpMs = 0, lagBeforeMs } of result.recoveries) {
      // the new stream has to hear at least what the old one was just hearing
      expect(backToTextMs).toBeGreaterThan(100);
      expect(caughtUpMs).toBeGreaterThanOrEqual(backToTextMs);
      expect(lagBeforeMs).toBeLessThan(AT_MS / 2);
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

test('the local recogniser ends sentences only where speech has sentence ends, and knows every phrase', {
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const engine = new PhraseEngine(loadPhraseBank(SAMPLES_DIR));
  for (const speech of SPEECHES) {
    const script = writeSpeech(speech, loadPhrases(), 30_000, new Random('recognised'));
    const sentences = (await transcribe(engine, renderAudio(script, 0))).split('\n');
    expect(sentences.join(''), speech.id).toBe(script.utterances.map(({ phrase }) => phrase.text).join(''));
    if (speech.id === 'sentences') expect(sentences.length).toBeGreaterThan(2);
    else expect(sentences, speech.id).toHaveLength(1);
  }
});
