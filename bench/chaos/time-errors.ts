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

/** A told time that is not the true one. */
export interface TimeError {
  ms: number;
  /** Sentence and word that it belongs to. */
  where: string;
}

/**
 * Distances between told and true times, the largest first. A sentence that begins (ends) at a pause is held against where the
 * voice begins (ends) there; one that was cut in mid-speech, and every word, must at least lie within its phrase.
 * @param origin for each character of the sentences, which said one it is; −1: none, it has no true time
 */
export function timeErrors(script: Script, sentences: readonly Timed[], origin: Int32Array): TimeError[] {
  const said = saidChars(script);
  const errors: TimeError[] = [];
  let at = 0;
  for (const { text, startMs, endMs, words } of sentences) {
    const spokenAt = (char: number): SaidChar | undefined => said[origin[char] ?? -1];
    const check = (
      spoken: SaidChar | undefined,
      toldMs: number,
      what: string,
      edge?: 'startMs' | 'endMs',
    ) => {
      const ms = spoken ? Math.round(errorOf(toldMs, spoken.voice, edge)) : 0;
      if (ms > 0) errors.push({ ms, where: `${what} at ${toldMs} ms of 「${text}」` });
    };
    const { length } = charsOf(text);
    const [first, last] = [spokenAt(at), spokenAt(at + length - 1)];
    check(first, startMs, 'start', first?.first ? 'startMs' : undefined);
    check(last, endMs, 'end', last?.last ? 'endMs' : undefined);
    let wordAt = at;
    for (const word of words ?? []) {
      const chars = charsOf(word.text).length;
      const spoken = chars > 0 ? spokenAt(wordAt) : undefined;
      check(spoken, word.startMs, `word ${word.text} start`);
      check(spoken, word.endMs, `word ${word.text} end`);
      wordAt += chars;
    }
    at += length;
  }
  return errors.sort((a, b) => b.ms - a.ms);
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
