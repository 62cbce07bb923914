import type { ErrorCode, WireError } from '../../contract/errors.ts';

/** Every wait of the session, in ms. */
export const WAITS = {
  /** Dialling until the namespace accepted us; connectContainer may have to wake the container up (15 s). */
  CONNECT_MS: 20_000,
  /** `start` until its answer: it reads and writes the database, and a takeover asks twice. */
  START_MS: 15_000,
  /**
   * No word at all while audio is on its way: half open. `progress` comes every second; a false alarm costs a reconnect.
   */
  SILENCE_MS: 8_000,
  /** The same after `stop`: the last sentence may take the recogniser, and then the database, a while. */
  STOP_SILENCE_MS: 30_000,
  /** What an instance that drains may need beyond its deadline, for its last writes. */
  LEAVE_MARGIN_MS: 4_000,
  /** Backstop of `stop` and `cancel`; silence ends the wait long before. */
  STOP_MS: 600_000,
} as const;

/**
 * The first wait is short (most drops are blips), then it doubles; with jitter, so that a restart is no stampede. The longest
 * is what people wait at most after the service is back, since nothing tells the phone of that.
 */
export const BACKOFF = { FIRST_MS: 300, FACTOR: 2, MAX_MS: 3_000, JITTER: 0.5 } as const;

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
 * Where an error came from. `start`: the connection or the session was refused; `stream`: an `error` event of a session that
 * runs on; `request`: a refused `stop`, `cancel` or `skip`.
 */
export type During = 'start' | 'stream' | 'request';

export function verdictOf(error: WireError, during: During): Verdict {
  const always = ALWAYS[error.code];
  if (always) return always;
  // It may have ended only on this instance, because another one has it: the next `start` tells.
  if (error.code === 'SESSION_ENDED' && during !== 'start') return 'reconnect';
  if (!error.retriable) return 'fail';
  return during === 'stream' ? 'note' : 'reconnect';
}

/**
 * How often an instance that knows less than we were told is left again, by backoff (about 20 s in all): by then it has
 * noticed that the session is another's. After that it is believed, since the record itself may have gone back.
 */
export const STALE_TRIES = 8;

/** After these nothing of the recording can be delivered any more, so nothing of it is kept on the phone. */
export const NOTHING_TO_DELIVER: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SESSION_DELETED',
  'SESSION_ENDED',
  'SESSION_EXPIRED',
  'NOT_FOUND',
]);
