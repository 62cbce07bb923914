import type { InjectedFault } from './fault-injector.ts';
import { RATE_HZ } from './script.ts';
import type { TimelineEntry } from './timeline.ts';

/** A client has caught up when the container has all but this much of its audio, ms. */
const AUDIO_LAG_MS = 1_500;
/** Text has caught up when it ends at most this long before the newest audio, ms: in a pause there is no new text. */
const TEXT_LAG_MS = 3_000;

export interface Distribution {
  count: number;
  p50: number;
  p95: number;
  max: number;
}

/** Recovery times, ms: per kind of fault, per group of kinds, and `all` together. */
export type Recoveries = Record<string, Distribution>;

/**
 * Measures the time from each fault's end until the affected sessions have caught up: after faults of a client's link when the
 * container has the audio, after faults of recogniser and containers when text has caught up, after faults of the database when
 * all finals that were known at the fault's end are stored.
 * @param speakerOf the speaker whose audio an upstream connection received, by voice id
 */
export function measureRecovery(
  injected: readonly InjectedFault[],
  entries: readonly TimelineEntry[],
  speakerOf: ReadonlyMap<string, number>,
): Recoveries {
  const of = (speaker: number): TimelineEntry[] => entries.filter(({ who }) => who === `speaker-${speaker}`);
  const times = new Map<string, number[]>();
  for (const fault of injected) {
    const { endedAt, voiceIds } = effectOf(fault, entries);
    const affected = new Set([...fault.affected, ...voiceIds.flatMap((id) => speakerOf.get(id) ?? [])]);
    for (const speaker of affected) {
      const ms = recoveredAfter(fault, endedAt, of(speaker));
      if (ms === undefined) continue;
      for (const kind of [fault.kind, fault.planned.on, 'all'])
        times.set(kind, [...(times.get(kind) ?? []), ms]);
    }
  }
  return Object.fromEntries([...times].sort().map(([kind, values]) => [kind, distributionOf(values)]));
}

/** A fault of the service affects the streams that are opened after it was set, and ends when the last of them ends. */
function effectOf(
  fault: InjectedFault,
  entries: readonly TimelineEntry[],
): { endedAt: number; voiceIds: string[] } {
  const { planned, endedAt, voiceIds } = fault;
  if (planned.on !== 'asr') return { endedAt, voiceIds };
  const opened = entries
    .filter(({ t, what }) => what === 'upstream opened' && t >= endedAt)
    .slice(0, planned.faults.length);
  const ids = opened.map(({ voiceId }) => String(voiceId));
  const newest = ids.at(-1);
  const closed = entries.find(({ what, voiceId }) => what === 'upstream closed' && voiceId === newest);
  const delayed = planned.faults.at(-1);
  const delayMs = delayed?.kind === 'delay-handshake' ? delayed.ms : undefined;
  const over = delayMs === undefined ? closed?.t : (opened.at(-1)?.t ?? 0) + delayMs;
  return { endedAt: over ?? endedAt, voiceIds: [...voiceIds, ...ids] };
}

function recoveredAfter(
  fault: InjectedFault,
  endedAt: number,
  entries: readonly TimelineEntry[],
): number | undefined {
  const stopped = entries.find(({ what }) => what === 'stopped')?.t ?? Number.POSITIVE_INFINITY;
  if (endedAt >= stopped) return undefined;
  const hasCaughtUp = caughtUpCondition(
    fault,
    entries.filter(({ t }) => t <= endedAt),
  );
  const recovered = entries.find(
    (entry) => entry.t >= endedAt && (hasCaughtUp(entry) || entry.what === 'stopped'),
  );
  return recovered && recovered.t - endedAt;
}

function caughtUpCondition(
  { planned: { on } }: InjectedFault,
  before: readonly TimelineEntry[],
): (entry: TimelineEntry) => boolean {
  if (on === 'client')
    return ({ what, nextPos, recordedMs }) =>
      what === 'event progress' && (Number(nextPos) * 1000) / RATE_HZ >= Number(recordedMs) - AUDIO_LAG_MS;
  if (on === 'database' || on === 'database-link') {
    const finals = before.filter(({ what, final }) => what === 'event result' && final === true);
    const newest = Math.max(-1, ...finals.map(({ index }) => Number(index)));
    return ({ what, settledIndex }) => what === 'event progress' && Number(settledIndex) >= newest;
  }
  return ({ what, endMs, recordedMs }) =>
    what === 'event result' && Number(endMs) >= Number(recordedMs) - TEXT_LAG_MS;
}

export function distributionOf(values: readonly number[]): Distribution {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}
