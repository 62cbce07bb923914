import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listPhrases } from '../../local/asr/phrases/phrase-list.ts';
import { readSample, SAMPLES_DIR } from '../../local/asr/testing/sample-files.ts';
import { RECORDINGS } from './corpus.ts';

describe('the shipped samples', () => {
  test('phrases.json lists the recordings of the folder', () => {
    const listed: unknown = JSON.parse(readFileSync(join(SAMPLES_DIR, 'phrases.json'), 'utf8'));
    expect(listed).toEqual(listPhrases(SAMPLES_DIR));
  });

  test('the phrases last about one to six seconds', () => {
    const phrases = listPhrases(SAMPLES_DIR);
    expect(phrases.length).toBeGreaterThanOrEqual(24);
    for (const { durationMs } of phrases) {
      expect(durationMs).toBeGreaterThan(800);
      expect(durationMs).toBeLessThan(6_000);
    }
  });

  test.each(Object.entries(RECORDINGS))(
    '%s.wav is 16-bit PCM at 16 kHz, as long as planned',
    (name, { minMs }) => {
      const file = readFileSync(join(SAMPLES_DIR, `${name}.wav`));
      expect([
        file.readUInt16LE(20),
        file.readUInt16LE(22),
        file.readUInt32LE(24),
        file.readUInt16LE(34),
      ]).toEqual([1, 1, 16_000, 16]);
      const durationMs = readSample(name).samples.length / 16;
      expect(durationMs).toBeGreaterThanOrEqual(minMs);
      expect(durationMs).toBeLessThanOrEqual(minMs + 5_000);
    },
  );

  test('have at most 8 MB', () => {
    const sizes = readdirSync(SAMPLES_DIR, { recursive: true }).map((name) => {
      const stat = statSync(join(SAMPLES_DIR, String(name)));
      return stat.isFile() ? stat.size : 0;
    });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(8 * 1024 * 1024);
  });
});
