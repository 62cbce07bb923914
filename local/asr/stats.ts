/** Counters since the server started, as `GET /_local/stats` answers them. */
export interface AsrStats {
  sessions: {
    open: number;
    /** Streams to which the handshake message was sent. */
    started: number;
    /** Streams to which `final` was sent. */
    completed: number;
  };
  /** Audio received by streams, ms. */
  audioMs: number;
  /** How often each error code was sent. 4009 (the client disconnected) is only counted: there is no connection to send it on. */
  codes: Record<string, number>;
  oneshot: { requests: number; audioMs: number; errors: Record<string, number> };
}

export const newStats = (): AsrStats => ({
  sessions: { open: 0, started: 0, completed: 0 },
  audioMs: 0,
  codes: {},
  oneshot: { requests: 0, audioMs: 0, errors: {} },
});

export function increment(table: Record<string, number>, key: string | number): void {
  table[key] = (table[key] ?? 0) + 1;
}
