import { msToSamples } from '../../contract/limits.ts';
import type { Random } from '../../lib/random.ts';
import { type Phrase, RATE_HZ, type Script, type Utterance } from '../chaos/script.ts';

/** Silence before the first phrase, ms. */
const LEAD_MS = 600;
/** Of a phrase's own recording so much stays before and behind the voice, ms. */
const EDGE_MS = 20;
/** Silence behind the last phrase, ms. */
const TAIL_MS = 300;
/** How many phrases a sentence has where sentences end. */
const SENTENCE_PHRASES = [2, 4] as const;

/** From the end of one phrase's voice to the beginning of the next one's, ms. */
const PAUSES_MS = {
  /** Ends a sentence: longer than the 1 s of silence at which the recogniser does. */
  sentence: 1_400,
  /** Too short to end a sentence. */
  short: 400,
  /**
   * As good as none. Not less, because the local recogniser tells phrases apart only from about 0.15 s on (docs/phrase-bank.md); and
   * less than the 0.24 s of silence that the container would need to place a checkpoint inside a sentence.
   */
  least: 180,
} as const;

export type SpeechId = 'sentences' | 'pauses' | 'nonstop';

export interface Speech {
  id: SpeechId;
  /** For people. */
  label: string;
  /** The pause behind the phrase with this number, when the sentence has `left` phrases left, ms. */
  pauseMs: (left: number) => number;
}

export const SPEECHES: readonly Speech[] = [
  {
    id: 'sentences',
    label: '有句尾（停 1.4 秒）',
    pauseMs: (left) => (left === 0 ? PAUSES_MS.sentence : PAUSES_MS.short),
  },
  { id: 'pauses', label: '只停 0.4 秒', pauseMs: () => PAUSES_MS.short },
  { id: 'nonstop', label: '几乎不停（0.18 秒）', pauseMs: () => PAUSES_MS.least },
];

/** Draws what one speaker says: phrases with exactly the pauses of `speech` between their voices. */
export function writeSpeech(
  { pauseMs }: Speech,
  phrases: readonly Phrase[],
  durationMs: number,
  random: Random,
): Script {
  const total = msToSamples(durationMs, RATE_HZ);
  const spoken = phrases.map(closelyCut);
  const utterances: Utterance[] = [];
  let voiceAt = msToSamples(LEAD_MS, RATE_HZ);
  let left = 0;
  let previous: Phrase | undefined;
  for (;;) {
    const phrase = random.pick(spoken.filter((other) => other !== previous));
    const startPos = voiceAt - phrase.voice.from;
    const endPos = startPos + phrase.samples.length;
    if (endPos + msToSamples(TAIL_MS, RATE_HZ) > total) return { utterances, length: total, hurriedShare: 1 };
    utterances.push({ phrase, startPos, endPos });
    left = left === 0 ? random.int(...SENTENCE_PHRASES) - 1 : left - 1;
    voiceAt += phrase.voice.to - phrase.voice.from + msToSamples(pauseMs(left), RATE_HZ);
    previous = phrase;
  }
}

/** The phrase without the silence around its voice, so that a pause has the length that was asked for. */
function closelyCut(phrase: Phrase): Phrase {
  const edge = msToSamples(EDGE_MS, RATE_HZ);
  const from = Math.max(0, phrase.voice.from - edge);
  const to = Math.min(phrase.samples.length, phrase.voice.to + edge);
  const voice = { from: phrase.voice.from - from, to: phrase.voice.to - from };
  return { ...phrase, samples: phrase.samples.subarray(from, to), voice };
}
