/** What is counted, each with its limit. */
export interface CountLimits {
  upstreamWritesPerAudioSecond: number;
  clientWritesPerAudioSecond: number;
  allocatedBytesPerFrame: number;
  databaseRequestsPerSessionMinute: number;
}

/**
 * Above what five runs gave (`npm run bench:counts`, 2026-11-30), by more than they differed, and below what one more of anything would
 * make of it. Four people who speak sentences of 3.5 s with pauses of 0.6 s, frames of 128 ms, the container's default settings.
 * What pages send to their views (`setData`) has its limits where it is measured, in a browser: bench/app/set-data.ts.
 */
export const COUNT_LIMITS: CountLimits = {
  /** 7.79–7.83: one for each frame (1,000 ÷ 128). With a second write for every tenth frame it would be 8.6. */
  upstreamWritesPerAudioSecond: 8.5,
  /** 3.22–3.28: nine results in 4.1 s (2.2), one progress a second; a result or a progress in two writes would be 4.2 or more. */
  clientWritesPerAudioSecond: 4,
  /** 18,885–19,793 (the sampling's error is 2 %): results and writes to the database included. Less than 1.5 × 19,000. */
  allocatedBytesPerFrame: 26_000,
  /** 14.2–15.0: one for each sentence (60 ÷ 4.1 = 14.6), and a heartbeat now and then. A second one for each fifth sentence: 17.6. */
  databaseRequestsPerSessionMinute: 17,
};

/** What the container can be made to waste, so that a test sees that it is noticed. */
export const WASTE = ['split-writes', 'garbage'] as const;
export type Waste = (typeof WASTE)[number];
