import { msToSamples } from '../../../contract/limits.ts';
import type { LevelMeter } from './level-meter.ts';
import { CHECKPOINT_RULES } from './rules.ts';
import type { Checkpoint, PlacedSentence } from './types.ts';

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
export function checkpointAfterFinal(
  levels: LevelMeter,
  sentence: PlacedSentence,
  { from, sentPos, rateHz }: { from: number; sentPos: number; rateHz: number },
): Checkpoint {
  const samples = (ms: number) => msToSamples(ms, rateHz);
  const { endPos } = sentence;
  const after = Math.min(sentPos, endPos + samples(AFTER_NATURAL_MS));
  const natural =
    after >= endPos + samples(TELLING_MS) && levels.loudMs(endPos + samples(60), after) <= TOLERATED_LOUD_MS;
  if (natural) {
    const pause = levels.quietest(
      Math.max(from, endPos - samples(CHECKPOINT_RULES.beforeEndMs)),
      Math.min(sentPos, endPos + samples(CHECKPOINT_RULES.afterEndMs)),
      CHECKPOINT_RULES.pauseMs,
    );
    return { pos: Math.max(from, pause ?? endPos), overlap: null };
  }
  const pause = levels.lastQuiet(
    Math.max(from, endPos - samples(CHECKPOINT_RULES.lookBackMs)),
    endPos,
    2 * CHECKPOINT_RULES.pauseMs,
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
export function endOfQuiet(levels: LevelMeter, from: number, heard: number, rateHz: number): number {
  if (heard <= from) return from;
  const loud = levels.firstLoud(from, heard);
  return Math.max(from, loud === heard ? heard : loud - msToSamples(CHECKPOINT_RULES.afterEndMs, rateHz));
}
