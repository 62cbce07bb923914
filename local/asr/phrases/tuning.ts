/**
 * Every number that the phrase recogniser is tuned by. They were chosen together, by measuring recognition and false
 * acceptance over degraded recordings (`npm run bench:phrases`): change one and measure again.
 */
export const TUNING = {
  // front end
  bands: 24,
  lowHz: 100,
  highHz: 5_500,
  /** Cepstral coefficients above c0. */
  cepstra: 10,
  /** Added to relative band energies before the logarithm: hides what lies 25 dB under the peak. */
  logFloor: 3e-3,
  /** How much of the estimated noise is taken off. */
  noiseSubtraction: 1.5,
  /** Weight of the bank's mean against the stream's own, frames of 20 ms. */
  meanPriorFrames: 25,

  // speech or not
  speechSnrDb: 4,
  /** Level under the running speech level that never counts as speech, per band. */
  relativeFloor: 3e-4,
  /** Frames of speech in a row that begin a stretch. */
  onsetFrames: 3,
  /** Frames without speech after which a new onset is a new anchor. */
  gapFrames: 6,
  /** Silence that settles everything before it, ms. */
  holdMs: 500,
  /** A stretch is settled at this length, whatever it is, ms. */
  maxSegmentMs: 15_000,
  /** Unknown speech shorter than this is taken for a noise, ms: also the tail of a phrase whose start was not heard. */
  minUnknownMs: 320,

  // alignment
  /** Highest mean distance per frame of a match. */
  maxCost: 0.62,
  /** Highest running mean (about 250 ms) of the distance anywhere along a match: one wrong word breaks it. */
  maxLocalCost: 0.75,
  localCostRate: 0.08,
  /** Highest distance of one frame. */
  distanceCap: 3,
  /** A path this much behind the best is dropped. */
  beam: 14,
  /** Price of one template frame more or less than the nominal two per input frame. */
  tempoPenalty: 0.25,
  /** Template frames (10 ms) that may be skipped at either end. */
  slackFrames: 20,
  skipCost: 0.8,

  // text while it is spoken
  minPartialMs: 300,
  /** Phrases this close to the best, in cost, may still be the right one. */
  partialMargin: 0.12,
} as const;

/** A frame of the live stream, ms. */
export const FRAME_MS = 20;
export const FRAME_SAMPLES = 320;
/** Templates are twice as dense, so that the nominal alignment advances by two. */
export const TEMPLATE_FRAME_SAMPLES = 160;
export const WINDOW_SAMPLES = 512;
