import type * as v from 'valibot';
import { addDays, daysBetween, shanghaiDay } from '../../contract/day.ts';
import { VoiceError } from '../../contract/errors.ts';
import {
  type Counts,
  type DayCounts,
  type STATS_ACTIONS,
  STATS_MAX_DAYS,
  type StatsAnswers,
} from '../../contract/functions.ts';
import { DAILY_STATS, type StatsRecord, statsId, TOTAL_DAY } from '../../contract/records.ts';
import { ownedBy } from '../shared/caller.ts';
import type { Call } from '../shared/define.ts';
import { completeOrphans } from '../shared/orphans.ts';

/** What is counted; all else in a record is about the record. */
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

/** The caller's own orphans that one call ends, so that they are in what it answers. */
const MAX_ORPHANS_A_CALL = 3;

const settle = (call: Call): Promise<unknown> =>
  completeOrphans(call, ownedBy(call.caller), MAX_ORPHANS_A_CALL).catch((e) => call.warn('orphan', e));

async function recordOf(day: string, { caller, store }: Call): Promise<StatsRecord | undefined> {
  const owner = ownedBy(caller);
  const [found] = await store.find<StatsRecord>(DAILY_STATS, {
    where: { ...owner, _id: statsId(owner._openid, day) },
    limit: 1,
  });
  return found;
}

/** The day that it is in Shanghai. */
export async function today(_request: object, call: Call): Promise<StatsAnswers['today']> {
  await settle(call);
  const day = shanghaiDay(call.nowMs);
  return { today: { day, ...countsOf(await recordOf(day, call)) } };
}

/** Every day from `from` to `to`. Reads one document a day that has sessions, however many those are. */
export async function range(
  { from, to }: v.InferOutput<typeof STATS_ACTIONS.range>,
  call: Call,
): Promise<StatsAnswers['range']> {
  const length = daysBetween(from, to);
  if (length < 1 || length > STATS_MAX_DAYS) throw new VoiceError('BAD_REQUEST', { detail: 'to' });
  await settle(call);
  const { caller, store } = call;
  const found = await store.find<StatsRecord>(DAILY_STATS, {
    where: { ...ownedBy(caller), day: store.is.gte(from).and(store.is.lte(to)) },
    order: [['day', 'asc']],
    limit: STATS_MAX_DAYS,
  });
  const byDay = new Map(found.map((record) => [record.day, record]));
  const days: DayCounts[] = Array.from({ length }, (_, at) => {
    const day = addDays(from, at);
    return { day, ...countsOf(byDay.get(day)) };
  });
  return { days };
}

/** All days together, kept as a document of its own. */
export async function totals(_request: object, call: Call): Promise<StatsAnswers['totals']> {
  await settle(call);
  return { totals: countsOf(await recordOf(TOTAL_DAY, call)) };
}
