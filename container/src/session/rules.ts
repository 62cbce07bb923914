/** How the session treats its client and its store. */
export const SESSION_RULES = {
  /** Commits that follow each other within this time share a write. */
  flushDelayMs: 150,
  /** A checkpoint within an open sentence is written alone at most this often. */
  headWriteMs: 3_000,
  /** `stop` waits this long for audio that is still missing. */
  missingAudioMs: 10_000,
  /** `stop` is answered within this time, with a retriable error if the end is not reached; the work goes on. */
  stopAnswerMs: 45_000,
  /** Between tries to complete or cancel a record while the store is away; grows fivefold. */
  storeRetryMs: 500,
  cancelTries: 4,
  /** Between tries to read finals that a client has missed. */
  resendRetryMs: 1_000,
  /** A client that asked for the end and is gone: this long beyond the grace the end is worked at. */
  finishWithoutClientMs: 600_000,
  /** A start by another client waits this long for the record to name it. */
  nameClientMs: 5_000,
  /** Letting go of a session waits this long for the store. */
  releaseMs: 3_000,
  /** The same refusal (`AUDIO_GAP`, `TOO_FAST`) is told at most this often. */
  refuseEveryMs: 500,
  /** Finals kept in memory for a client that comes back; older ones are read from the store. */
  keptFinals: 200,
  /** Unstored finals beyond which no more audio is taken. */
  maxUnstored: 500,
} as const;
