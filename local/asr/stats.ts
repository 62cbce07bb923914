/** What the server has done since it started: `GET /_local/stats`. */
export interface AsrStats {
  sessions: {
    open: number;
    /** Streams that got their handshake. */
    started: number;
    /** Streams that got their `final`. */
    completed: number;
  };
  /** Audio received in streams, ms. */
  audioMs: number;
  /** Error codes by how often they were sent (4009: noted, nobody is left to send it to). */
  codes: Record<string, number>;
  oneshot: { requests: number; audioMs: number; errors: Record<string, number> };
}

export const newStats = (): AsrStats => ({
  sessions: { open: 0, started: 0, completed: 0 },
  audioMs: 0,
  codes: {},
  oneshot: { requests: 0, audioMs: 0, errors: {} },
});

export function count(table: Record<string, number>, key: string | number): void {
  table[key] = (table[key] ?? 0) + 1;
}
