import type { ErrorCode, WireError } from '../../contract/errors.ts';

/** Every wait of the session, in ms. */
export const WAITS = {
  /** Dialling until the namespace accepted us; connectContainer may have to wake the container up (15 s). */
  CONNECT_MS: 20_000,
  /** `start` until its answer: it reads and writes the database, and a takeover asks twice. */
  START_MS: 15_000,
  /** No word at all while one is due: the connection is of no use, though nobody closed it. */
  SILENCE_MS: 15_000,
  /** The same after `stop`: the last sentence may take the recogniser, and then the database, a while. */
  STOP_SILENCE_MS: 30_000,
  /** Backstop of `stop` and `cancel`; silence ends the wait long before. */
  STOP_MS: 600_000,
} as const;

/** First wait at once and short (most drops are blips), then doubling; with jitter, so that a restart is no stampede. */
export const BACKOFF = { FIRST_MS: 300, FACTOR: 2, MAX_MS: 8_000, JITTER: 0.5 } as const;

/** @param attempt 1: the first after something that worked. @param random 0 … 1 */
export function backoffMs(attempt: number, random: number): number {
  const plain = Math.min(BACKOFF.MAX_MS, BACKOFF.FIRST_MS * BACKOFF.FACTOR ** Math.min(attempt - 1, 30));
  return Math.round(plain * (1 + BACKOFF.JITTER * (2 * random - 1)));
}

/**
 * What to do about an error. `reconnect`: dial again, by backoff. `ticket`: dial again with a new ticket. `move`: dial again
 * at once, to another instance. `rewind`/`wait`: the sender's business. `note`: tell the page, the container goes
 * on by itself. `fail`: trying again would not help.
 */
export type Verdict = 'reconnect' | 'ticket' | 'move' | 'rewind' | 'wait' | 'note' | 'fail';

const ALWAYS: Partial<Record<ErrorCode, Verdict>> = {
  TICKET_EXPIRED: 'ticket',
  DRAINING: 'move',
  AUDIO_GAP: 'rewind',
  TOO_FAST: 'wait',
  // We start every connection before anything else: the container forgot this one.
  NOT_STARTED: 'reconnect',
  ALREADY_STARTED: 'reconnect',
};

/**
 * @param during `start`: it refused to begin; `stream`: an `error` event of a session that runs on; `request`: it refused
 * `stop`, `cancel` or `skip`
 */
export function verdictOf(error: WireError, during: 'start' | 'stream' | 'request'): Verdict {
  const always = ALWAYS[error.code];
  if (always) return always;
  if (!error.retriable) return 'fail';
  return during === 'stream' ? 'note' : 'reconnect';
}

/** After these nothing of the recording can be delivered any more, so nothing of it is kept on the phone. */
export const NOTHING_TO_DELIVER: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SESSION_DELETED',
  'SESSION_ENDED',
  'SESSION_EXPIRED',
  'NOT_FOUND',
]);
