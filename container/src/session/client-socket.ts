import type { ServerEvents } from '../../../contract/stream.ts';

/** One client socket as the session sees it, whichever door it came through. */
export interface ClientSocket {
  emit<E extends keyof ServerEvents>(event: E, ...args: Parameters<ServerEvents[E]>): void;
  /** Closes the transport (not only the namespace: that would keep the client from reconnecting). */
  close(): void;
}
