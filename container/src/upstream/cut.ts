import { msToSamples } from '../../../contract/limits.ts';
import { CUT_RULES } from '../session/rules.ts';
import type { Loudness } from './level-meter.ts';
import type { Anchor, PlacedSentence } from './types.ts';

/** A final is natural when it is followed by this much quiet; loud spots of one frame are let pass. */
const AFTER_NATURAL_MS = 300;
const TOLERATED_LOUD_MS = 40;
/** Less than this behind the end tells nothing: what was not sent yet is no quiet. */
const TELLING_MS = 160;

/**
 * What a final decides. A natural one ends in a pause, and the cut falls into that pause. One that was forced in
 * mid-speech decides only up to the last pause before it; the text behind that pause is remembered as overlap, so
 * that whoever hears it again does not write it twice.
 */
export function cutAfterFinal(
  loudness: Loudness,
  sentence: PlacedSentence,
  { from, sentPos, rateHz }: { from: number; sentPos: number; rateHz: number },
): Anchor {
  const samples = (ms: number) => msToSamples(ms, rateHz);
  const { endPos } = sentence;
  const after = Math.min(sentPos, endPos + samples(AFTER_NATURAL_MS));
  const natural =
    after >= endPos + samples(TELLING_MS) &&
    loudness.loudMs(endPos + samples(60), after) <= TOLERATED_LOUD_MS;
  if (natural) {
    const pause = loudness.quietest(
      Math.max(from, endPos - samples(CUT_RULES.beforeEndMs)),
      Math.min(sentPos, endPos + samples(CUT_RULES.afterEndMs)),
      CUT_RULES.pauseMs,
    );
    return { pos: Math.max(from, pause ?? endPos), overlap: null };
  }
  const pause = loudness.lastQuiet(
    Math.max(from, endPos - samples(CUT_RULES.lookBackMs)),
    endPos,
    2 * CUT_RULES.pauseMs,
  );
  if (pause === undefined || sentence.words.length === 0)
    return { pos: Math.max(from, endPos), overlap: null };
  const text = sentence.words
    .filter((word) => (word.startPos + word.endPos) / 2 >= pause)
    .map((word) => word.text)
    .join('');
  return { pos: Math.max(from, pause), overlap: text ? { text, endPos } : null };
}

/** How far [from, heard) is quiet throughout, less a little before the first loud spot. */
export function anchorInSilence(loudness: Loudness, from: number, heard: number, rateHz: number): number {
  if (heard <= from) return from;
  const loud = loudness.firstLoud(from, heard);
  return Math.max(from, loud === heard ? heard : loud - msToSamples(CUT_RULES.afterEndMs, rateHz));
}
