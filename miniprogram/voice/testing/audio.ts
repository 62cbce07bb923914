import type { Range } from '../session/ring.ts';

/** Tests run at this rate. */
export const RATE_HZ = 16_000;
/** The trivial recogniser ends a sentence every 1.5 s. */
export const SENTENCE_SAMPLES = 24_000;

/** What was said at a position. No two stretches look alike, so a shift, a double or a hole shows in the text. */
const sampleAt = (pos: number): number => (Math.imul(pos, 2_654_435_761) >>> 17) - 16_384;

/** The microphone from `fromPos` on. */
export const speech = (fromPos: number, samples: number): ArrayBuffer =>
  Int16Array.from({ length: samples }, (_, at) => sampleAt(fromPos + at)).buffer;

const fold = (hash: number, sample: number): number => (Math.imul(hash, 31) + sample) | 0;

/** The text that a stretch of samples is recognised as; `null`: a sample that was declared lost. */
export const textOf = (samples: readonly (number | null)[]): string =>
  samples.reduce<number>((hash, sample) => fold(hash, sample ?? 99_999), samples.length).toString(36);

/** The text of `[fromPos, toPos)` as it was said, but for the losses. */
export function truth(fromPos: number, toPos: number, losses: readonly Range[]): string {
  const said = Array.from({ length: toPos - fromPos }, (_, at): number | null => {
    const pos = fromPos + at;
    return losses.some((loss) => pos >= loss.fromPos && pos < loss.toPos) ? null : sampleAt(pos);
  });
  return textOf(said);
}
