import type { SessionStore } from '../container/src/store/types.ts';

/** From so many failures in a row on the longest wait between tries applies: 5 s (record-writer.ts, RETRY_MS) … */
const PATIENT_AFTER = 5;
/** … so that there are twelve tries a minute, and one more for each that the end of the session hurries. */
const MAX_TRIES = 15;
const WINDOW_MS = 60_000;

interface Tries {
  failures: number;
  /** Of those since the store counts as away, ms. */
  atMs: number[];
}

/**
 * A store that is away is not asked again and again: each session waits longer between its tries to write.
 * @returns `store`, whose writes are watched
 */
export function watchRetries(
  store: SessionStore,
  nowMs: () => number,
  broken: (rule: string, detail: string) => void,
): SessionStore {
  const bySession = new Map<string, Tries>();
  const write = store.write.bind(store);
  store.write = async (id, patch, clockMs) => {
    const key = `${id.sessionId} of epoch ${id.epoch}`;
    const tries = bySession.get(key) ?? { failures: 0, atMs: [] };
    bySession.set(key, tries);
    if (tries.failures >= PATIENT_AFTER) {
      const now = nowMs();
      tries.atMs = [...tries.atMs.filter((atMs) => atMs > now - WINDOW_MS), now];
      if (tries.atMs.length > MAX_TRIES)
        broken('a store that is away is tried less and less', `${key}: ${tries.atMs.length} in a minute`);
    }
    try {
      const answer = await write(id, patch, clockMs);
      bySession.delete(key);
      return answer;
    } catch (error) {
      tries.failures += 1;
      throw error;
    }
  };
  return store;
}
