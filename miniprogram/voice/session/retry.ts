import type { ErrorCode, WireError } from '../../../contract/errors.ts';
import type { BackoffRule } from '../../../lib/backoff.ts';

/** Every timeout of the session, ms. */
export const TIMEOUTS = {
  /** From dialling to the namespace's acceptance, the ticket included; a container scaled to zero takes up to 15 s to start. */
  CONNECT_MS: 20_000,
  /** Answer of `start`: it reads and writes the database, twice for a takeover. */
  START_MS: 15_000,
  /**
   * No message while audio is unconfirmed: the connection is taken for half open and made again. `progress` is due every second.
   */
  SILENCE_MS: 8_000,
  /** The same after `stop`: the last sentence may take the recogniser, and then the database, a while. */
  STOP_SILENCE_MS: 30_000,
  /** Time that a draining instance may take beyond its deadline, for its last writes. */
  DRAIN_MARGIN_MS: 4_000,
  /** Upper bound of `stop` and `cancel`; `STOP_SILENCE_MS` and `SILENCE_MS` end the wait earlier. */
  STOP_MS: 600_000,
} as const;

/**
 * Waits between attempts to connect. The first is short, since most drops last less than a second. The longest is how long a
 * phone may take to notice that the service is available again; each second of it is a second more to catch up, too.
 */
export const BACKOFF: BackoffRule = { firstMs: 300, maxMs: 1_500, jitter: 0.5 };

/**
 * How the client reacts to an error. `reconnect`: connects again, with backoff. `ticket`: connects again with a new ticket.
 * `move`: connects again without a wait, to another instance. `rewind`, `wait`: the sender goes back to a position. `warn`: it is
 * shown to the user, the container recovers by itself. `fail`: the session fails.
 */
export type RetryAction = 'reconnect' | 'ticket' | 'move' | 'rewind' | 'wait' | 'warn' | 'fail';

/** Codes whose action does not depend on where the error came from. */
const ACTIONS: Partial<Record<ErrorCode, RetryAction>> = {
  TICKET_EXPIRED: 'ticket',
  DRAINING: 'move',
  AUDIO_GAP: 'rewind',
  TOO_FAST: 'wait',
  // Every connection begins with `start`, so the container has lost the session of this connection.
  NOT_STARTED: 'reconnect',
  ALREADY_STARTED: 'reconnect',
};

/**
 * Where an error came from. `start`: the connection or the session was refused; `stream`: an `error` event while the session
 * continues; `request`: `stop`, `cancel` or `skip` was refused.
 */
export type ErrorOrigin = 'start' | 'stream' | 'request';

export function retryActionOf(error: WireError, origin: ErrorOrigin): RetryAction {
  const action = ACTIONS[error.code];
  if (action) return action;
  // It may have ended on this instance only, because another one has taken it over: the next `start` tells.
  if (error.code === 'SESSION_ENDED' && origin !== 'start') return 'reconnect';
  if (!error.retriable) return 'fail';
  return origin === 'stream' ? 'warn' : 'reconnect';
}

/** After these codes the recording cannot be delivered any more, so its files on the phone are deleted. */
export const UNRECOVERABLE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SESSION_DELETED',
  'SESSION_ENDED',
  'SESSION_EXPIRED',
  'NOT_FOUND',
]);
