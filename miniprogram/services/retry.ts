import type { ErrorCode, WireError } from '../../contract/errors.ts';
import type { BackoffRule } from '../../lib/backoff.ts';

/** Every wait of the session, in ms. */
export const WAITS = {
  /** Dialling until the namespace accepted us, the ticket included; connectContainer may have to wake the container up (15 s). */
  CONNECT_MS: 20_000,
  /** `start` until its answer: it reads and writes the database, and a takeover asks twice. */
  START_MS: 15_000,
  /**
   * No message at all while audio is on its way: half open. `progress` comes every second; a false alarm costs a reconnect.
   */
  SILENCE_MS: 8_000,
  /** The same after `stop`: the last sentence may take the recogniser, and then the database, a while. */
  STOP_SILENCE_MS: 30_000,
  /** What an instance that drains may need beyond its deadline, for its last writes. */
  DRAIN_MARGIN_MS: 4_000,
  /** Backstop of `stop` and `cancel`; silence ends the wait long before. */
  STOP_MS: 600_000,
} as const;

/**
 * The first wait is short (most drops last less than a second), then it doubles. The longest is what people wait at most after
 * the service is back, since nothing tells the phone of that.
 */
export const BACKOFF: BackoffRule = { firstMs: 300, maxMs: 3_000, jitter: 0.5 };

/**
 * What to do about an error. `reconnect`: connect again, by backoff. `ticket`: connect again with a new ticket. `move`: connect
 * again at once, to another instance. `rewind`/`wait`: the sender's business. `warn`: report it to the page, the container goes
 * on by itself. `fail`: trying again would not help.
 */
export type RetryAction = 'reconnect' | 'ticket' | 'move' | 'rewind' | 'wait' | 'warn' | 'fail';

const ALWAYS: Partial<Record<ErrorCode, RetryAction>> = {
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
export type ErrorOrigin = 'start' | 'stream' | 'request';

export function retryActionOf(error: WireError, origin: ErrorOrigin): RetryAction {
  const always = ALWAYS[error.code];
  if (always) return always;
  // It may have ended only on this instance, because another one has it: the next `start` shows that.
  if (error.code === 'SESSION_ENDED' && origin !== 'start') return 'reconnect';
  if (!error.retriable) return 'fail';
  return origin === 'stream' ? 'warn' : 'reconnect';
}

/** After these nothing of the recording can be delivered any more, so nothing of it is kept on the phone. */
export const NOTHING_TO_DELIVER: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SESSION_DELETED',
  'SESSION_ENDED',
  'SESSION_EXPIRED',
  'NOT_FOUND',
]);
