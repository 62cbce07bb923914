/** How the relay treats the recogniser: pace, retry and retries, as data. Times in ms. */
export const RELAY_RULES = {
  /** One slice to the recogniser. */
  sliceMs: 100,
  /** Audio per wall time while behind, and after the service said that it was too much (4000). Tencent allows 3 s within 1 s. */
  catchUpRate: 2,
  cautiousRate: 1,
  /** So long after the last such complaint. */
  cautiousMs: 60_000,
  /** Audio that may go at once after a rest. With `catchUpRate`, 2.5 s within any second. */
  burstMs: 500,
  /** How often the pump looks again while it is held back by the pace. */
  pumpMs: 50,

  /** Tencent may fail after a gap of 6 s and surely does after 15 s (1093/48982): silence goes out before. */
  silenceAfterMs: 4_000,
  silenceMs: 200,
  /** Silence in place of audio that was lost: longer than any end-of-sentence silence, so that it ends the sentence. */
  bridgeMs: 2_200,
  /** Without audio for so long the connection is given up; the next audio opens a new one. */
  idleCloseMs: 20_000,

  /** Waits before a new connection; the last one repeats. Jitter takes off up to half. */
  backoffMs: [100, 300, 800, 2_000, 4_000],
  /** Failures in a row without any progress, after which the session is told that the recogniser is away. */
  troubleAfter: 3,
  /** The same as wall time: a recogniser that answers nothing at all. */
  troubleAfterMs: 8_000,

  /** Stall: this much loud audio went out and nothing came back for `stallWaitMs`. */
  stallLoudMs: 2_000,
  stallWaitMs: 6_000,
  /** Each stall in vain (two connections heard the same and said nothing: it is noise) doubles the wait, up to here. */
  stallWaitMaxMs: 48_000,

  /**
   * With this much heard and undecided (a cough that the recogniser makes nothing of holds up the silence around it) a
   * connection is ended, to have its last word. Well below the client's ring.
   */
  undecidedMs: 40_000,
  /** With this much it is ended in mid-sentence, too: the client's ring holds no more. */
  undecidedMaxMs: 100_000,

  /** A connection this old is replaced at the next pause; … */
  planRolloverMs: 30 * 60_000,
  /** … and at this age in mid-speech. */
  forceRolloverMs: 40 * 60_000,
} as const;

export type RelayRules = {
  [K in keyof typeof RELAY_RULES]: (typeof RELAY_RULES)[K] extends readonly number[]
    ? readonly number[]
    : number;
};

/** Where a cut is looked for, ms around or before the recogniser's sentence end. */
export const CHECKPOINT_RULES = {
  /** The end as told may be a little early or late. */
  beforeEndMs: 120,
  afterEndMs: 400,
  pauseMs: 80,
  /** A forced final: the last pause before it, at most this far back. */
  lookBackMs: 8_000,
  /** A sentence's start as told may be late by this much. */
  beforeStartMs: 1_000,
  /** A sentence that begins this much behind known text is none of it. */
  behindOverlapMs: 300,
} as const;
