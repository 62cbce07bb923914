import type { Random } from '../../lib/random.ts';
import { type Phrase, RATE_HZ } from './phrases.ts';

/** Ms of silence before the first phrase. */
const LEAD_MS = 600;
/** A hurried stretch has pauses of only this, ms: no sentence ends in it. */
const HURRIED_PAUSE_MS = 300;
const CALM_PAUSE_MS = [700, 2_500] as const;
/** How long a stretch of one kind lasts, ms. The long hurried ones go beyond the forced sentence end. */
const CALM_MS = [6_000, 16_000] as const;
const HURRIED_MS = [8_000, 15_000] as const;
const LONG_HURRIED_MS = [24_000, 34_000] as const;
const LONG_HURRIED_CHANCE = 0.35;
/** The last phrase is followed by this much silence, ms. */
const TAIL_MS = [200, 1_500] as const;

export interface Saying {
  phrase: Phrase;
  /** Where its samples begin, in samples of the session. */
  startPos: number;
  endPos: number;
}

export interface Script {
  sayings: Saying[];
  /** Length of the whole recording, samples. */
  length: number;
  hurriedShare: number;
}

const samplesOf = (ms: number): number => Math.round((ms * RATE_HZ) / 1000);

/** What one speaker says: calm and hurried stretches in turn, at least a third of the time hurried. */
export function writeScript(phrases: readonly Phrase[], durationMs: number, random: Random): Script {
  const total = samplesOf(durationMs);
  const tail = samplesOf(random.int(...TAIL_MS));
  const sayings: Saying[] = [];
  let at = samplesOf(LEAD_MS);
  let hurried = random.chance(0.5);
  let hurriedSamples = 0;
  let before: Phrase | undefined;
  for (;;) {
    const begun = at;
    const until = at + samplesOf(stretchMs(hurried, random));
    while (at < until) {
      const phrase = random.pick(phrases.filter((other) => other !== before));
      if (at + phrase.samples.length + tail > total) {
        if (hurried) hurriedSamples += at - begun;
        return { sayings, length: total, hurriedShare: hurriedSamples / total };
      }
      sayings.push({ phrase, startPos: at, endPos: at + phrase.samples.length });
      before = phrase;
      at += phrase.samples.length + samplesOf(hurried ? HURRIED_PAUSE_MS : random.int(...CALM_PAUSE_MS));
    }
    if (hurried) hurriedSamples += at - begun;
    // from behind: after a short calm stretch the share of the hurried ones is made up for
    hurried = !hurried || hurriedSamples / at < 0.4;
  }
}

function stretchMs(hurried: boolean, random: Random): number {
  if (!hurried) return random.int(...CALM_MS);
  const [least, most] = random.chance(LONG_HURRIED_CHANCE) ? LONG_HURRIED_MS : HURRIED_MS;
  return random.int(least, most);
}
