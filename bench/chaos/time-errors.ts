import type { Word } from '../../contract/stream.ts';
import { RATE_HZ, type Script } from './script.ts';
import { wordsOf } from './words.ts';

interface TimedText {
  text: string;
  startMs: number;
  endMs: number;
  words?: Word[];
}

/** The recogniser ends a sentence by itself only at a silence of at least this, ms; elsewhere the sentence was forced to end. */
const SENTENCE_PAUSE_MS = 500;

/** One word of the script. */
interface SpokenWord {
  /** When the voice of its phrase begins and ends, ms of the session. */
  voice: { startMs: number; endMs: number };
  /** It is the first (last) word of a phrase that follows (precedes) a pause. */
  afterPause: boolean;
  beforePause: boolean;
}

/** A reported time that differs from the true one. */
export interface TimeError {
  ms: number;
  /** Which time of which sentence. */
  where: string;
}

/**
 * Differences between reported and true times, the largest first. Where a sentence begins (ends) at a pause, the true time is
 * the one at which the voice begins (ends). Where it was split within speech, and for every word, the time must only lie
 * within its phrase.
 * @param origin for each word of the sentences the index of the spoken word that it is; −1: none, so it has no true time
 */
export function timeErrors(script: Script, sentences: readonly TimedText[], origin: Int32Array): TimeError[] {
  const spoken = spokenWords(script);
  const spokenAt = (char: number): SpokenWord | undefined => spoken[origin[char] ?? -1];
  const errors: TimeError[] = [];
  const add = (errorMs: number, reportedMs: number, where: string): void => {
    const ms = Math.round(errorMs);
    if (ms > 0) errors.push({ ms, where: `${where} at ${reportedMs} ms` });
  };
  let at = 0;
  for (const { text, startMs, endMs, words } of sentences) {
    const { length } = wordsOf(text);
    const [first, last] = [spokenAt(at), spokenAt(at + length - 1)];
    add(
      distanceMs(first, startMs, first?.afterPause ? 'startMs' : undefined),
      startMs,
      `start of 「${text}」`,
    );
    add(distanceMs(last, endMs, last?.beforePause ? 'endMs' : undefined), endMs, `end of 「${text}」`);
    let wordAt = at;
    for (const word of words ?? []) {
      const { length: count } = wordsOf(word.text);
      const spokenWord = count > 0 ? spokenAt(wordAt) : undefined;
      add(distanceMs(spokenWord, word.startMs), word.startMs, `start of word ${word.text} of 「${text}」`);
      add(distanceMs(spokenWord, word.endMs), word.endMs, `end of word ${word.text} of 「${text}」`);
      wordAt += count;
    }
    at += length;
  }
  return errors.sort((a, b) => b.ms - a.ms);
}

/** Distance of a time from `edge` of the word's phrase, or, without `edge`, from the phrase as a whole. */
function distanceMs(char: SpokenWord | undefined, ms: number, edge?: 'startMs' | 'endMs'): number {
  if (!char) return 0;
  const { voice } = char;
  return edge ? Math.abs(ms - voice[edge]) : Math.max(0, voice.startMs - ms, ms - voice.endMs);
}

function spokenWords({ utterances }: Script): SpokenWord[] {
  const toMs = (pos: number): number => (pos * 1000) / RATE_HZ;
  /** Silence between utterance `i` and the one before it. */
  const pauseMs = (i: number): number => {
    const [before, after] = [utterances[i - 1], utterances[i]];
    return before && after ? toMs(after.startPos - before.endPos) : Number.POSITIVE_INFINITY;
  };
  return utterances.flatMap(({ phrase, startPos }, i) => {
    const voice = { startMs: toMs(startPos + phrase.voice.from), endMs: toMs(startPos + phrase.voice.to) };
    const { length } = wordsOf(phrase.text);
    return Array.from({ length }, (_, at) => ({
      voice,
      afterPause: at === 0 && pauseMs(i) >= SENTENCE_PAUSE_MS,
      beforePause: at === length - 1 && pauseMs(i + 1) >= SENTENCE_PAUSE_MS,
    }));
  });
}
