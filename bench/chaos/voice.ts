import type { Script } from './script.ts';

/** Least significant bits that the mark adds at most; far below anything that is heard. */
const MARK_LSB = 2;

/**
 * The speaker's audio. A pseudo-random mark of ±2 LSB lies on every sample, silence included, and depends on speaker and
 * position: so any 20 ms of it can be told from all others, wherever it turns up.
 */
export function speak(script: Script, speaker: number): Int16Array {
  const pcm = new Int16Array(script.length);
  for (const { phrase, startPos } of script.sayings) pcm.set(phrase.samples, startPos);
  for (let pos = 0; pos < pcm.length; pos++) {
    const loudest = 32_767 - MARK_LSB;
    const sample = Math.max(-loudest, Math.min(loudest, pcm[pos] as number));
    pcm[pos] = sample + markAt(speaker, pos);
  }
  return pcm;
}

/** −2 … 2, never two silences alike: a 32-bit mix of speaker and position. */
function markAt(speaker: number, pos: number): number {
  let mixed = (Math.imul(speaker + 1, 0x9e3779b1) + Math.imul(pos + 1, 0x85ebca6b)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (((mixed ^ (mixed >>> 15)) >>> 0) % (2 * MARK_LSB + 1)) - MARK_LSB;
}
