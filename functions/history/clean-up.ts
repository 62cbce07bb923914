import type { TimerCall } from '../shared/define.ts';
import { completeOrphans } from '../shared/orphans.ts';
import { purge, purgeCancelled } from './purge.ts';

/** What one step does at most; between steps other calls reach the database. */
const ORPHANS_A_STEP = 20;
const PURGE_A_STEP = { sessions: 20, pages: 100 } as const;
/** A run ends before the function's own limit of 30 s; the next run does the rest. */
const RUN_MS = 15_000;

export interface CleanUpCounts {
  orphans: number;
  purged: number;
  cancelled: number;
}

/** Timer `purge`, for all users: ends orphans, removes what was deleted too long ago to be restored. */
export async function cleanUp(call: TimerCall): Promise<CleanUpCounts> {
  const done: CleanUpCounts = { orphans: 0, purged: 0, cancelled: 0 };
  const endMs = call.clock.now() + RUN_MS;
  for (let busy = true; busy && call.clock.now() < endMs; ) {
    const orphans = await completeOrphans(call, {}, ORPHANS_A_STEP);
    const purged = await purge(call, {}, PURGE_A_STEP);
    const cancelled = await purgeCancelled(call, PURGE_A_STEP);
    done.orphans += orphans;
    done.purged += purged;
    done.cancelled += cancelled;
    busy = orphans + purged + cancelled > 0;
  }
  return done;
}
