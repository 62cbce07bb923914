/**
 * All tuned parameters of the phrase recogniser. They were chosen together by measuring recognition and false acceptance on
 * degraded recordings (`npm run bench:phrases`); measure again after changing one.
 */
export const TUNING = {
  // front end
  bands: 24,
  lowHz: 100,
  highHz: 5_500,
  /** Cepstral coefficients above c0. */
  cepstra: 10,
  /** Added to band energies relative to the peak before the logarithm: suppresses what is 25 dB below the peak. */
  logFloor: 3e-3,
  /** Factor with which the estimated noise is subtracted. */
  noiseSubtraction: 1.5,
  /** Weight of the bank's cepstral mean against the stream's own, frames of 20 ms. */
  meanPriorFrames: 25,

  // speech detection
  speechSnrDb: 4,
  /** Floor per band, relative to the running speech level, below which nothing counts as speech. */
  relativeFloor: 3e-4,
  /** Consecutive frames with speech that make an onset. */
  onsetFrames: 3,
  /** Consecutive frames without speech after which a new onset starts a new alignment. */
  gapFrames: 6,
  /** Silence that ends an utterance, ms. */
  holdMs: 500,
  /** Length at which an utterance is ended in any case, ms. */
  maxUtteranceMs: 15_000,
  /** Shorter unknown speech is ignored as noise, ms. It may also be the tail of a phrase that began before the stream. */
  minUnknownMs: 320,

  // alignment
  /** Largest mean distance per frame of a match. */
  maxCost: 0.62,
  /** Largest running mean (about 250 ms) of the distance anywhere along a match: rejects a phrase with one wrong word. */
  maxLocalCost: 0.75,
  /** Weight of the newest frame in that running mean. */
  localCostRate: 0.08,
  /** Limit for the distance of one frame. */
  distanceCap: 3,
  /** A path that costs this much more than the best is dropped. */
  beam: 14,
  /** Cost of advancing one template frame more or less than the nominal two per input frame. */
  tempoPenalty: 0.25,
  /** Template frames (10 ms) that may be skipped at either end. */
  slackFrames: 20,
  /** Weight of skipped frames in the cost: a quarter of it per frame at the start, half of it at the end. */
  skipCost: 0.8,

  // interim text
  /** Shortest speech with an interim text, ms. */
  minPartialMs: 300,
  /** Phrases whose cost exceeds the best by less than this are still plausible. */
  partialMargin: 0.12,
} as const;

/** A frame of the live stream, ms. */
export const FRAME_MS = 20;
export const FRAME_SAMPLES = 320;
/** Templates have twice as many frames, so that the nominal alignment advances by two. */
export const TEMPLATE_FRAME_SAMPLES = 160;
/** Window of the Fourier transform (32 ms). */
export const WINDOW_SAMPLES = 512;
