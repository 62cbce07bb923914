import type { TimerCall } from '../shared/define.ts';
import { completeOrphans } from '../shared/orphans.ts';
import { purge, purgeCancelled } from './purge.ts';

/** What one run of the timer does at most; a small environment's database takes about 30 requests a second. */
const ORPHANS_A_RUN = 50;
const PURGE_A_RUN = { sessions: 50, pages: 100 } as const;

/** Timer `purge`, for all users: ends orphans, removes what was deleted too long ago to be restored. */
export async function tidy(call: TimerCall): Promise<{ orphans: number; purged: number; cancelled: number }> {
  return {
    orphans: await completeOrphans(call, {}, ORPHANS_A_RUN),
    purged: await purge(call, {}, PURGE_A_RUN),
    cancelled: await purgeCancelled(call, PURGE_A_RUN),
  };
}
