import type { WireError } from '../../contract/errors.ts';

/** What became of a request that wanted an acknowledgement. */
export type Outcome = { answered: true; answer: unknown } | { answered: false; why: 'timeout' | 'closed' };

/**
 * One connection to the namespace, from dialling to its end; a new attempt makes a new one. So nothing of an old
 * connection (buffers, late frames, acknowledgements) can reach a new one.
 */
export interface Connection {
  /** Sends now. Only between `opened` and `closed`: an implementation must not keep it for later. */
  emit(event: string, ...args: unknown[]): void;
  /**
   * Sends and waits for the acknowledgement. `done` is called once, in the same turn as the acknowledgement
   * arrives (not in a later microtask): what was sent behind the answer must be handled behind it.
   */
  request(event: string, args: unknown[], timeoutMs: number, done: (outcome: Outcome) => void): void;
  /** Ends it. No handler is called from then on. */
  close(): void;
}

export interface ConnectionHandlers {
  /** The namespace accepted us. */
  opened(): void;
  /** The server refused us (`error`), or could not be reached (null). The connection is over. */
  refused(error: WireError | null, reason: string): void;
  /** Was open and is over; `reason` as Socket.IO names it. */
  closed(reason: string): void;
  event(name: string, payload: unknown): void;
}

/** Begins to connect with this ticket. Handlers are called later, never from within. */
export type Dial = (ticket: string, handlers: ConnectionHandlers) => Connection;
