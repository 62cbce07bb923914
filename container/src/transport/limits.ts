import { CREDIT_MS } from '../../../contract/limits.ts';
import type { BucketRule } from '../../../lib/token-bucket.ts';

/** A day's audio of one user: what was used comes back over a day. */
export const dailyAudioRule = (seconds: number): BucketRule => ({
  burst: seconds,
  perSecond: seconds / 86_400,
});

/**
 * What a caller may cost, in one place. A burst is what may be used at once after a rest.
 * Sessions by instance and by user: `MAX_SESSIONS`, `MAX_SESSIONS_PER_USER`; database requests: `DB_WRITES_PER_SECOND`.
 */
export const CALLER_LIMITS = {
  /** A connection without a valid ticket is closed after this time. */
  authenticateWithinMs: 10_000,
  /** A connection with a valid ticket and without a session is closed after this time. */
  idleMs: 600_000,
  /** Largest message before `start`, bytes; hot words are the longest part of an honest one. */
  earlyMessageBytes: 16_384,
  /** Binary attachments of one Socket.IO packet: an `audio` event has one. */
  attachmentsPerPacket: 1,
  /** Refused requests and errors of one connection: beyond it the socket is closed. */
  refusals: { burst: 100, perSecond: 10 },
  /** `start` by user: each costs database requests. A phone on a bad network reconnects every few seconds. */
  starts: { burst: 30, perSecond: 0.25 },
  /** Audio of one connection, ms, frames that were received before included: the credit, and 2.5 × real time. */
  audioMs: { burst: CREDIT_MS + 5_000, perSecond: 2_500 },
  /** Connections without a valid ticket by address, where `TRUSTED_PROXIES` says which address is the caller's. */
  unauthenticated: { burst: 60, perSecond: 1 },
  /** Largest message of the echo, bytes; how many come back; how long a connection lasts; how many there are at once. */
  echoMessageBytes: 4_096,
  echoMessages: { burst: 5, perSecond: 5 },
  echoForMs: 120_000,
  echoConnections: 100,
} as const satisfies Record<string, number | BucketRule>;
