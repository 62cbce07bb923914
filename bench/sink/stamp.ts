import { msToSamples } from '../../contract/limits.ts';

/**
 * What is sent carries the time at which it was sent, so that whoever receives it, in another process of the same machine, knows how
 * long it took, and whether anything is missing, doubled or changed. In audio it is in the two lowest bits of a frame's first
 * samples (−84 dB: no level is changed by it), in text between two marks.
 */
const STAMP_SAMPLES = 32;
const BYTES_PER_SAMPLE = 2;
export const STAMP_BYTES = STAMP_SAMPLES * BYTES_PER_SAMPLE;
const MAGIC = 0xb5c3;
const WORD_BITS = 32;
const BITS_PER_SAMPLE = 2;
const BITS_MASK = 0b11;
const NUMBER_MASK = 0xffff;
/** Times are compared modulo this, µs: 71 minutes. */
const WRAP_US = 2 ** WORD_BITS;
const TEXT_MARK = '#';
const TEXT_STAMPS = new RegExp(`${TEXT_MARK}(\\d+)${TEXT_MARK}`, 'g');

/** From `sentUs`, modulo {@link WRAP_US}, to `atUs`. */
export const elapsedUs = (sentUs: number, atUs: number): number => (atUs - sentUs) >>> 0;

const firstWord = (number: number): number => ((MAGIC << 16) | (number & NUMBER_MASK)) >>> 0;

/** @param number counts the frames of a stream, modulo 65,536 */
export function stampAudio(frame: Uint8Array, number: number, sentUs: number): void {
  const words = [firstWord(number), sentUs % WRAP_US] as const;
  for (let i = 0; i < STAMP_SAMPLES; i++) {
    const bit = i * BITS_PER_SAMPLE;
    const word = bit < WORD_BITS ? words[0] : words[1];
    const bits = (word >>> (WORD_BITS - BITS_PER_SAMPLE - (bit % WORD_BITS))) & BITS_MASK;
    const at = i * BYTES_PER_SAMPLE;
    frame[at] = ((frame[at] as number) & ~BITS_MASK) | bits;
  }
}

/** @returns undefined: the frame does not begin with a stamp of that number */
export function readAudioStamp(frame: Uint8Array, number: number): number | undefined {
  const words: [number, number] = [0, 0];
  for (let i = 0; i < STAMP_SAMPLES; i++) {
    const half = i * BITS_PER_SAMPLE < WORD_BITS ? 0 : 1;
    words[half] = (words[half] << BITS_PER_SAMPLE) | ((frame[i * BYTES_PER_SAMPLE] as number) & BITS_MASK);
  }
  return words[0] >>> 0 === firstWord(number) ? words[1] >>> 0 : undefined;
}

export const stampText = (text: string, sentUs: number): string =>
  `${text}${TEXT_MARK}${sentUs % WRAP_US}${TEXT_MARK}`;

/** @returns undefined: a message without a stamp */
export function readTextStamp(message: string): number | undefined {
  const from = message.indexOf(TEXT_MARK);
  if (from < 0) return undefined;
  const sentUs = Number(message.slice(from + 1, message.indexOf(TEXT_MARK, from + 1)));
  return Number.isInteger(sentUs) ? sentUs : undefined;
}

/** Of a text that may have several of them, in its order. */
export const textStampsIn = (text: string): number[] =>
  [...text.matchAll(TEXT_STAMPS)].map(([, sentUs]) => Number(sentUs));

/** What everybody says: a sentence of 3.5 s and a pause, again and again. ms. */
export const SPEECH = { sentenceMs: 3_500, periodMs: 4_096, rateHz: 16_000 } as const;
export const PERIOD_SAMPLES = msToSamples(SPEECH.periodMs, SPEECH.rateHz);
