import { RATE_HZ, type Script } from '../chaos/script.ts';
import { wordsOf } from '../chaos/words.ts';

/** A word on the screen that the script does not have at its place is looked for in so many words that follow; else it is skipped. */
const LOOK_AHEAD_WORDS = 4;

/** One word of a script, and when the speaker begins to say it, ms of the recording. */
export interface TimedWord {
  text: string;
  startMs: number;
}

/** The words of a script with their times: a phrase's words are taken to be equally long. */
export function timedWordsOf({ utterances }: Script): TimedWord[] {
  return utterances.flatMap(({ phrase, startPos }) => {
    const words = wordsOf(phrase.text);
    const toMs = (samples: number): number => ((startPos + samples) * 1000) / RATE_HZ;
    const [from, to] = [toMs(phrase.voice.from), toMs(phrase.voice.to)];
    return words.map((text, i) => ({ text, startMs: from + (i * (to - from)) / words.length }));
  });
}

/**
 * How many words of a script a screen shows, counted from its beginning. A word that is spelled otherwise, guessed wrongly or
 * missing stops the count only for itself: the following words are found a few places on.
 */
export function reachedWords(words: readonly TimedWord[], lines: readonly { text: string }[]): number {
  let reached = 0;
  for (const { text } of lines)
    for (const shown of wordsOf(text)) {
      const most = Math.min(words.length, reached + 1 + LOOK_AHEAD_WORDS);
      for (let at = reached; at < most; at++)
        if (words[at]?.text === shown) {
          reached = at + 1;
          break;
        }
    }
  return reached;
}
