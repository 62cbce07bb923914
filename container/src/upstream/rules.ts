/** With nothing to send, the relay looks at its clock this often. */
export const IDLE_TICK_MS = 250;
/** A stream that was sent this much audio over this time works, even if it heard nothing but silence. */
export const PROVEN_MS = 5_000;

/** How the relay treats the recogniser: pace and retries, as data. Times in ms. */
export const RELAY_RULES = {
  /**
   * The longest message to the recogniser (1093/48982: 200 ms; an older version of the page: 40). A frame that is not longer goes as it
   * came, since each message costs a write of its own.
   */
  sliceMs: 200,
  /** Audio per wall time while behind, and after the service said that it was too much (4000). Tencent allows 3 s within 1 s. */
  catchUpRate: 2,
  throttledRate: 1,
  /** For this long after a 4000. */
  throttledMs: 60_000,
  /** Audio that may go at once after a rest. With `catchUpRate`, 2.3 s within any second: what a network holds back and then delivers at once must still fit. */
  burstMs: 300,
  /** How often the pump looks again while it is held back by the pace. */
  pumpMs: 50,

  /** Tencent may fail after a gap of 6 s and surely does after 15 s (1093/48982): silence goes out before. */
  silenceAfterMs: 4_000,
  silenceMs: 200,
  /**
   * Silence in place of audio that was lost: longer than any end-of-sentence silence, so that it ends the sentence. Paced
   * like audio: sent at once, it would exceed 3 s within 1 s together with the audio before and behind it.
   */
  gapSilenceMs: 2_200,
  /** Without audio for so long the connection is given up; the next audio opens a new one. */
  idleCloseMs: 20_000,

  /** Waits before a new connection; the last one repeats. Jitter takes off up to half. */
  backoffMs: [100, 300, 800, 2_000, 4_000],
  /** Failures in a row without any progress, after which the recogniser counts as unavailable. */
  unavailableAfterFailures: 3,
  /** The same as wall time: a recogniser that answers nothing at all. */
  unavailableAfterMs: 8_000,

  /** Stall: this much loud audio went out and nothing came back for `stallWaitMs`. */
  stallLoudMs: 2_000,
  stallWaitMs: 6_000,
  /** Each stall doubles the wait, up to here: what two connections say nothing about is noise. */
  stallWaitMaxMs: 48_000,

  /**
   * With this much audio sent and not settled (a cough without a sentence keeps the silence around it unsettled) a stream
   * is ended, so that the recogniser says all it has. Well below the client's ring.
   */
  unsettledMs: 40_000,
  /** With this much it is ended in mid-sentence, too: the client's ring holds no more. */
  unsettledMaxMs: 100_000,

  /** A stream this old is replaced at the next pause; … */
  planRolloverMs: 30 * 60_000,
  /** … and at this age in mid-speech. */
  forceRolloverMs: 40 * 60_000,
} as const;

export type RelayRules = {
  [K in keyof typeof RELAY_RULES]: (typeof RELAY_RULES)[K] extends readonly number[]
    ? readonly number[]
    : number;
};

/** Where a checkpoint is looked for around the recogniser's sentence end, ms. */
export const CHECKPOINT_RULES = {
  /** A final is in a pause when this much audio behind its end is quiet … */
  quietAfterMs: 300,
  /** … from here on, since the end as told may be a little early, … */
  endToleranceMs: 60,
  /** … but for so much (a click); … */
  toleratedLoudMs: 40,
  /** … and at least this much behind the end was sent: what was not sent yet is not known to be quiet. */
  minKnownAfterMs: 160,
  /** The end as told may be a little early or late. */
  beforeEndMs: 120,
  afterEndMs: 400,
  pauseMs: 80,
  /** Unless another limit was asked for, the service forces the end of a sentence of this length (1093/48982, max_speak_time). */
  maxSpeakMs: 60_000,
  /** A sentence that is longer than the limit less this was forced to end: its last words may not have been long enough. */
  forcedWithinMs: 1_000,
  /** A forced final: the last pause before it, at most this far back. */
  lookBackMs: 8_000,
  /** A sentence's start as told may be late by this much. */
  beforeStartMs: 1_000,
  /** A sentence that begins this much behind the overlap does not contain it. */
  afterOverlapMs: 300,
} as const;

/** When the beginning of an open sentence counts as its head: words that stay as they are. Times in ms of audio. */
export const HEAD_RULES = {
  /** It ends in a pause of at least this length, … */
  pauseMs: 240,
  /** … so far behind what was sent that the recogniser has had time to change its mind. */
  behindMs: 3_000,
  /** Two interims at least this far apart agree on it. */
  interimsApartMs: 1_000,
  /** Their word times may differ by this much. */
  wordTimeToleranceMs: 40,
  /** No word comes nearer to the middle of the pause. */
  wordMarginMs: 60,
  /** Pauses that are tried, from the newest back. */
  pausesTried: 4,
  /** A longer head, or one behind more unsettled audio, becomes a sentence of its own when hearing resumes. */
  maxChars: 500,
  maxLengthMs: 40_000,
} as const;

/** How text that is heard again is matched with the stored text. */
export const DEDUPE_RULES = {
  /** Without word times: share of the stored text's characters that may be spelled otherwise. */
  maxDifference: 0.45,
  /** The same for what is heard so far, where it is less than the stored text. */
  maxBeginningDifference: 0.34,
  /** Being this far from the end of the stored text counts as much as a wholly different spelling. */
  timeWeightMs: 600,
  /** Times are given in multiples of 10 ms: the middle of a word may be this much before or behind the end of the stored text. */
  timeRoundingMs: 20,
  /** A cut within what the recogniser gives as one word counts as much as so many characters that are spelled otherwise. */
  withinWordChars: 0.5,
  /** A word that goes on this much beyond the stored text is not part of it. */
  wordToleranceMs: 200,
} as const;

/** The queue for a stream while the account has all that it may have (4006), or this instance all that it has leases for. */
export const ADMISSION_RULES = {
  /** The first in the queue tries again after this time. */
  retryMs: 3_000,
  /** After one has got a stream, the next one tries. */
  nextMs: 300,
  /** Between two sessions that get slots: twenty a second begin to dial. */
  slotMs: 50,
  /** Sessions of one instance that wait in order; those beyond try by themselves. */
  maxWaiting: 100,
} as const;
