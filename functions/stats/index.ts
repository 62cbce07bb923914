import type * as v from 'valibot';
import { addDays, daysBetween, shanghaiDay } from '../../contract/day.ts';
import { VoiceError } from '../../contract/errors.ts';
import {
  type Counts,
  type DayCounts,
  STATS_ACTIONS,
  STATS_MAX_DAYS,
  type StatsAnswers,
} from '../../contract/functions.ts';
import { HTTP_READS } from '../../contract/http-api.ts';
import { ALL_DAYS, DAILY_STATS, type StatsRecord, statsId } from '../../contract/records.ts';
import { checkReadable } from '../../records/schema-version.ts';
import { ownedBy } from '../shared/caller.ts';
import { action, type CallContext, defineFunction } from '../shared/define.ts';
import { completeOrphans } from '../shared/orphans.ts';
import { findRecords } from '../shared/records.ts';

/** The fields of a record that are counts. */
const COUNTS = [
  'sessions',
  'completed',
  'interrupted',
  'oneshot',
  'sentences',
  'chars',
  'durationMs',
] as const satisfies readonly (keyof Counts)[];

const countsOf = (record: StatsRecord | undefined): Counts =>
  Object.fromEntries(COUNTS.map((name) => [name, record?.[name] ?? 0])) as unknown as Counts;

/** The caller's orphans that one call ends at most, so that its answer includes them. */
const MAX_ORPHANS_A_CALL = 3;

const completeOwnOrphans = (call: CallContext): Promise<unknown> =>
  completeOrphans(call, ownedBy(call.caller), { limit: MAX_ORPHANS_A_CALL }).catch((e) =>
    call.warn('orphan', e),
  );

/** @throws VoiceError RECORD_TOO_NEW */
async function recordOf(day: string, { caller, store }: CallContext): Promise<StatsRecord | undefined> {
  const owner = ownedBy(caller);
  const [found] = await findRecords(store, DAILY_STATS, {
    where: { ...owner, _id: statsId(owner._openid, day) },
    limit: 1,
  });
  if (found) checkReadable(found);
  return found;
}

/** The counts of the current day in Asia/Shanghai. */
async function today(_request: object, call: CallContext): Promise<StatsAnswers['today']> {
  await completeOwnOrphans(call);
  const day = shanghaiDay(call.nowMs);
  return { today: { day, ...countsOf(await recordOf(day, call)) } };
}

/** The counts of every day from `from` to `to`. Reads one document for each day that has sessions. */
async function range(
  { from, to }: v.InferOutput<typeof STATS_ACTIONS.range>,
  call: CallContext,
): Promise<StatsAnswers['range']> {
  const length = daysBetween(from, to);
  if (length < 1 || length > STATS_MAX_DAYS) throw new VoiceError('BAD_REQUEST', { detail: 'to' });
  await completeOwnOrphans(call);
  const { caller, store } = call;
  const found = await findRecords(store, DAILY_STATS, {
    where: { ...ownedBy(caller), day: store.command.gte(from).and(store.command.lte(to)) },
    order: [['day', 'asc']],
    limit: STATS_MAX_DAYS,
  });
  for (const record of found) checkReadable(record);
  const byDay = new Map(found.map((record) => [record.day, record]));
  const days: DayCounts[] = Array.from({ length }, (_, at) => {
    const day = addDays(from, at);
    return { day, ...countsOf(byDay.get(day)) };
  });
  return { days };
}

/** The counts of all days together, which are a document of their own. */
async function totals(_request: object, call: CallContext): Promise<StatsAnswers['totals']> {
  await completeOwnOrphans(call);
  return { totals: countsOf(await recordOf(ALL_DAYS, call)) };
}

/** Cloud function `stats`: how much the caller has dictated. */
export const main = defineFunction({
  name: 'stats',
  actions: {
    today: action(STATS_ACTIONS.today, today),
    range: action(STATS_ACTIONS.range, range),
    totals: action(STATS_ACTIONS.totals, totals),
  },
  http: HTTP_READS.stats,
});
