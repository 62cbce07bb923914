import type { Injected } from './injector.ts';
import { RATE_HZ } from './phrases.ts';
import type { Entry } from './timeline.ts';

/** A client is level when the container has all but this much of its audio, ms. */
const SENT_LEVEL_MS = 1_500;
/** Text is level when it reaches to within this of what is being said, ms: pauses included, nothing comes in them. */
const TEXT_LEVEL_MS = 3_000;

export interface Spread {
  count: number;
  p50: number;
  p95: number;
  max: number;
}

/** How long it took until all was level again, ms: per kind of fault, per group of kinds, and `all` together. */
export type Recoveries = Record<string, Spread>;

/**
 * From each fault's end to the next sign that the struck sessions are level: for links of clients that all audio has
 * arrived, for upstream and containers that text has caught up, for the database that all finals known by then are stored.
 * @param speakerOf whose audio an upstream connection received
 */
export function measureRecovery(
  injected: readonly Injected[],
  entries: readonly Entry[],
  speakerOf: ReadonlyMap<string, number>,
): Recoveries {
  const of = (speaker: number): Entry[] => entries.filter(({ who }) => who === `speaker-${speaker}`);
  const times = new Map<string, number[]>();
  for (const fault of injected) {
    const { endedAt, voiceIds } = strikeOf(fault, entries);
    const struck = new Set([...fault.affected, ...voiceIds.flatMap((id) => speakerOf.get(id) ?? [])]);
    for (const speaker of struck) {
      const ms = recoveredAfter(fault, endedAt, of(speaker));
      if (ms === undefined) continue;
      for (const kind of [fault.kind, fault.planned.on, 'all'])
        times.set(kind, [...(times.get(kind) ?? []), ms]);
    }
  }
  return Object.fromEntries([...times].sort().map(([kind, values]) => [kind, spreadOf(values)]));
}

/** Faults of the service strike the streams that are opened after they were armed, and end when those do. */
function strikeOf(fault: Injected, entries: readonly Entry[]): { endedAt: number; voiceIds: string[] } {
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

function recoveredAfter(fault: Injected, endedAt: number, entries: readonly Entry[]): number | undefined {
  const stopped = entries.find(({ what }) => what === 'stopped')?.t ?? Number.POSITIVE_INFINITY;
  if (endedAt >= stopped) return undefined;
  const isLevel = levelAfter(
    fault,
    entries.filter(({ t }) => t <= endedAt),
  );
  const level = entries.find((entry) => entry.t >= endedAt && (isLevel(entry) || entry.what === 'stopped'));
  return level && level.t - endedAt;
}

function levelAfter({ planned: { on } }: Injected, before: readonly Entry[]): (entry: Entry) => boolean {
  if (on === 'client')
    return ({ what, nextPos, recordedMs }) =>
      what === 'event progress' && (Number(nextPos) * 1000) / RATE_HZ >= Number(recordedMs) - SENT_LEVEL_MS;
  if (on === 'database' || on === 'database-link') {
    const finals = before.filter(({ what, final }) => what === 'event result' && final === true);
    const newest = Math.max(-1, ...finals.map(({ index }) => Number(index)));
    return ({ what, settledIndex }) => what === 'event progress' && Number(settledIndex) >= newest;
  }
  return ({ what, endMs, recordedMs }) =>
    what === 'event result' && Number(endMs) >= Number(recordedMs) - TEXT_LEVEL_MS;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}
