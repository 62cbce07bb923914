import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrolledFiles, type Phrase } from './samples.ts';

/** The list of phrases that pages show. */
const LIST_FILE = 'phrases.json';

/** The phrases of a samples folder, each text once. */
export function listPhrases(samplesDir: string): Phrase[] {
  const byText = new Map<string, Phrase>();
  for (const { id, text, file, durationMs } of enrolledFiles(samplesDir)) {
    if (!byText.has(text)) byText.set(text, { id, text, file, durationMs });
  }
  return [...byText.values()];
}

/** Rewrites `phrases.json`. */
export function writePhraseList(samplesDir: string): Phrase[] {
  const phrases = listPhrases(samplesDir);
  writeFileSync(join(samplesDir, LIST_FILE), `${JSON.stringify(phrases, null, 2)}\n`);
  return phrases;
}
