/** Every bound of a connection to the recogniser. */
export const ASR_LIMITS = {
  /** Name lookup, TCP, TLS and the upgrade. */
  DIAL_TIMEOUT_MS: 5_000,
  /** From the upgrade to the service's first `code: 0`. */
  HANDSHAKE_TIMEOUT_MS: 10_000,
  /** From `end()` to `final: 1`, the audio still buffered included. */
  FINAL_TIMEOUT_MS: 10_000,
  /** How long the other side may take to close before the socket is destroyed. */
  CLOSE_WAIT_MS: 2_000,
  SERVER_TIME_TIMEOUT_MS: 3_000,
  /** A final with word times is a few tens of kilobytes. */
  MAX_MESSAGE_BYTES: 1_048_576,
  /** 20 s at 16 kHz: a network that far behind is not going to catch up. */
  MAX_BUFFERED_BYTES: 640_000,
  /** Unreadable messages that one connection may bring. */
  MAX_GARBAGE_MESSAGES: 5,
} as const;

export type AsrLimits = { readonly [Name in keyof typeof ASR_LIMITS]: number };
