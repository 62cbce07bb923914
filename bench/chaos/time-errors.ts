import type { Word } from '../../contract/stream.ts';
import { charsOf } from './align.ts';
import { RATE_HZ } from './phrases.ts';
import type { Script } from './script.ts';

interface Timed {
  text: string;
  startMs: number;
  endMs: number;
  words?: Word[];
}

/** Where less silence lies between two phrases no sentence ends by itself, ms: one that does was forced to, in mid-speech. */
const SENTENCE_PAUSE_MS = 500;

/** A character that was said, in the phrase that it belongs to. */
interface SaidChar {
  voice: { startMs: number; endMs: number };
  /** It begins (ends) a phrase before (after) which there is a pause. */
  first: boolean;
  last: boolean;
}

/**
 * The largest distance between told and true times, ms. A sentence that begins (ends) at a pause is held against where the
 * voice begins (ends) there; one that was cut in mid-speech, and every word, must at least lie within its phrase.
 * @param origin for each character of the sentences, which said one it is; −1: none, it has no true time
 */
export function largestTimeError(script: Script, sentences: readonly Timed[], origin: Int32Array): number {
  const said = saidChars(script);
  let largest = 0;
  let at = 0;
  for (const { text, startMs, endMs, words } of sentences) {
    const length = charsOf(text).length;
    const first = said[origin[at] ?? -1];
    const last = said[origin[at + length - 1] ?? -1];
    if (first)
      largest = Math.max(largest, errorOf(startMs, first.voice, first.first ? 'startMs' : undefined));
    if (last) largest = Math.max(largest, errorOf(endMs, last.voice, last.last ? 'endMs' : undefined));
    let wordAt = at;
    for (const word of words ?? []) {
      const spoken = said[origin[wordAt] ?? -1];
      const chars = charsOf(word.text).length;
      if (spoken && chars > 0)
        largest = Math.max(largest, errorOf(word.startMs, spoken.voice), errorOf(word.endMs, spoken.voice));
      wordAt += chars;
    }
    at += length;
  }
  return Math.round(largest);
}

function errorOf(ms: number, voice: SaidChar['voice'], edge?: 'startMs' | 'endMs'): number {
  if (edge) return Math.abs(ms - voice[edge]);
  return Math.max(0, voice.startMs - ms, ms - voice.endMs);
}

function saidChars({ sayings }: Script): SaidChar[] {
  const toMs = (pos: number): number => (pos * 1000) / RATE_HZ;
  const pauseMs = (i: number): number => {
    const [before, after] = [sayings[i - 1], sayings[i]];
    return before && after ? toMs(after.startPos - before.endPos) : Number.POSITIVE_INFINITY;
  };
  return sayings.flatMap(({ phrase, startPos }, i) => {
    const voice = { startMs: toMs(startPos + phrase.voice.from), endMs: toMs(startPos + phrase.voice.to) };
    const { length } = charsOf(phrase.text);
    const [opens, closes] = [pauseMs(i) >= SENTENCE_PAUSE_MS, pauseMs(i + 1) >= SENTENCE_PAUSE_MS];
    return Array.from({ length }, (_, at) => ({
      voice,
      first: opens && at === 0,
      last: closes && at === length - 1,
    }));
  });
}
