import { Random } from '../../lib/random.ts';
import {
  type AsrFault,
  type DatabaseFault,
  FAULT_GROUPS,
  type FaultGroup,
  type LinkFault,
  type PlannedFault,
  RETRIABLE_ASR_CODES,
  type UnnumberedFault,
} from './fault-kinds.ts';

/** A speaker's link is lost `afterMs` after its `stop`, for `ms`; 0: its connection is only reset. */
export interface StopFault {
  speaker: number;
  afterMs: number;
  ms: number;
}

/** A fault of so many streams of the recogniser. */
export type StreamFault = AsrFault & { times: number };

export interface FaultPlan {
  seed: number;
  durationMs: number;
  speakers: number;
  faults: PlannedFault[];
  stops: StopFault[];
  /** Faults of the streams that the recogniser is asked for first. */
  firstStreams?: readonly StreamFault[];
  /** A phone that keeps little audio, so that it loses some in the run; undefined: all keep 120 s, and must lose none. */
  shortRing?: { speaker: number; ringMs: number } | undefined;
}

export interface PlanOptions {
  seed: number;
  durationMs: number;
  speakers: number;
  containers: number;
  groups?: readonly FaultGroup[];
}

/** No fault begins in this time, in which the sessions start, ms. */
const QUIET_START_MS = 2_500;
/** No fault reaches into the end of the recordings: a share of their length, but at most this, ms. */
const QUIET_END_SHARE = 0.25;
const MAX_QUIET_END_MS = 15_000;
/** A container that receives SIGTERM drains for up to this time; starting takes about this time. */
const DRAIN_MS = 8_000;
const START_MS = 1_500;

/**
 * Longest time between two faults of a group, ms: per speaker for `client`, per container for links, overall for `container`
 * and `database`; for `asr` divided by the number of speakers, because the service holds faults for one stream at a time. A
 * session then meets a fault every few seconds, and an upstream connection lives for about 12 s, so that a
 * sentence of 20 s is replayed more than once while the phone's buffer of 120 s still suffices.
 */
const REST_MS: Readonly<Record<Exclude<FaultGroup, 'loss'>, number>> = {
  client: 35_000,
  asr: 60_000,
  'asr-link': 60_000,
  container: 40_000,
  'database-link': 40_000,
  database: 25_000,
};
/** What the phone keeps that is to lose audio. */
const SHORT_RING_MS = 6_000;
/** Runs of this length have all losses, shorter ones only the first. */
const ALL_LOSSES_FROM_MS = 240_000;
/**
 * When and how long, in shares of the run and ms: the phone offline for a second more than it keeps; the recogniser away for
 * longer than container (30 s) and phone keep; the phone offline for two minutes more, longer than the container waits.
 */
const FIRST_OFFLINE = { at: 0.2, ms: SHORT_RING_MS + 1_000 } as const;
const RECOGNISER_AWAY = { at: 0.3, ms: 42_000 } as const;
const LONG_OFFLINE = { at: 0.48, ms: SHORT_RING_MS + 125_000 } as const;

/** How long an `asr` fault is taken to last. */
const ASR_LASTS_MS = 6_000;
/** In runs shorter than this the times between faults are proportionally shorter, down to a quarter, ms. */
const FULL_REST_FROM_MS = 180_000;
const LEAST_REST_SHARE = 0.25;

/** Draws the faults of a run. The plan depends only on the seed and the size of the run. */
export function planFaults(options: PlanOptions): FaultPlan {
  const { seed, durationMs, speakers, groups = FAULT_GROUPS } = options;
  const random = new Random(`faults/${seed}`);
  const drafts = groups.flatMap((group) => DRAFTS[group](options, random.fork(group)));
  const faults = drafts.sort((a, b) => a.atMs - b.atMs).map((draft, id): PlannedFault => ({ ...draft, id }));
  const stops = groups.includes('client') ? planStops(withoutShortRing(speakers), random.fork('stop')) : [];
  const shortRing = groups.includes('loss') ? shortRingOf(speakers) : undefined;
  return { seed, durationMs, speakers, faults, stops, shortRing };
}

/** The last speaker; a speaker that is alone loses nothing. It has no faults of its own link but those by which it loses audio. */
const shortRingOf = (speakers: number): FaultPlan['shortRing'] =>
  speakers > 1 ? { speaker: speakers - 1, ringMs: SHORT_RING_MS } : undefined;
const withoutShortRing = (speakers: number): number => shortRingOf(speakers)?.speaker ?? speakers;

function lossFaults({ durationMs, speakers }: PlanOptions): UnnumberedFault[] {
  const speaker = shortRingOf(speakers)?.speaker;
  if (speaker === undefined) return [];
  const atMs = (share: number): number => Math.round(share * durationMs);
  const offline = ({ at, ms }: { at: number; ms: number }): UnnumberedFault => ({
    on: 'loss',
    atMs: atMs(at),
    fault: { kind: 'offline', speaker, ms },
  });
  if (durationMs < ALL_LOSSES_FROM_MS) return [offline(FIRST_OFFLINE)];
  const { at, ms } = RECOGNISER_AWAY;
  const away: UnnumberedFault = { on: 'loss', atMs: atMs(at), fault: { kind: 'recogniser-away', ms } };
  return [offline(FIRST_OFFLINE), away, offline(LONG_OFFLINE)];
}

const DRAFTS: Readonly<Record<FaultGroup, (options: PlanOptions, random: Random) => UnnumberedFault[]>> = {
  client: (options, random) =>
    each(withoutShortRing(options.speakers), (speaker) => {
      const own = random.fork(String(speaker));
      return inTime(options, own, REST_MS.client, (atMs, draw) => {
        const fault = linkFault(CLIENT_LINK, draw);
        return { draft: { on: 'client', atMs, speaker, fault }, lastsMs: lengthOf(fault) };
      });
    }),
  'asr-link': (options, random) => innerFaults('asr-link', options, random),
  'database-link': (options, random) => innerFaults('database-link', options, random),
  asr: (options, random) =>
    inTime(options, random, REST_MS.asr / options.speakers, (atMs, draw) => {
      const faults = Array.from({ length: draw.chance(0.3) ? 2 : 1 }, () => asrFault(draw));
      return {
        draft: { on: 'asr', atMs, speaker: draw.int(0, options.speakers - 1), faults },
        lastsMs: ASR_LASTS_MS,
      };
    }),
  database: (options, random) =>
    inTime(options, random, REST_MS.database, (atMs, draw) => {
      const fault = databaseFault(draw);
      return { draft: { on: 'database', atMs, fault }, lastsMs: fault.ms };
    }),
  container: (options, random) =>
    inTime(options, random, REST_MS.container, (atMs, draw) => {
      const afterOutageMs = draw.chance(0.4) ? draw.int(2_000, 7_000) : 0;
      const signal = draw.chance(0.6) ? 'SIGKILL' : 'SIGTERM';
      const downMs = draw.int(1_000, 3_000);
      const speaker = draw.int(0, withoutShortRing(options.speakers) - 1);
      const draft: UnnumberedFault = {
        on: 'container',
        atMs,
        signal,
        downMs,
        speaker,
        afterOutageMs,
        both: draw.chance(0.12),
      };
      const drainMs = signal === 'SIGTERM' ? DRAIN_MS : 0;
      return { draft, lastsMs: afterOutageMs + drainMs + downMs + START_MS };
    }),
  loss: (options) => lossFaults(options),
};

function innerFaults(
  on: 'asr-link' | 'database-link',
  options: PlanOptions,
  random: Random,
): UnnumberedFault[] {
  return each(options.containers, (container) =>
    inTime(options, random.fork(String(container)), REST_MS[on], (atMs, draw) => {
      const fault = linkFault(INNER_LINK, draw);
      return { draft: { on, atMs, container, fault }, lastsMs: lengthOf(fault) };
    }),
  );
}

const each = (count: number, draft: (i: number) => UnnumberedFault[]): UnnumberedFault[] =>
  Array.from({ length: count }, (_, i) => draft(i)).flat();

/** Draws faults along the run. They do not overlap within one target; none reaches into the quiet end. */
function inTime(
  { durationMs }: PlanOptions,
  random: Random,
  mostRestMs: number,
  draw: (atMs: number, random: Random) => { draft: UnnumberedFault; lastsMs: number },
): UnnumberedFault[] {
  const drafts: UnnumberedFault[] = [];
  const until = durationMs - Math.min(MAX_QUIET_END_MS, durationMs * QUIET_END_SHARE);
  const restMs = mostRestMs * Math.min(1, Math.max(LEAST_REST_SHARE, durationMs / FULL_REST_FROM_MS));
  const rest = (leastShare: number): number =>
    random.int(Math.floor(restMs * leastShare), Math.floor(restMs));
  for (let at = QUIET_START_MS + rest(0); at < until; ) {
    const { draft, lastsMs } = draw(at, random);
    if (at + lastsMs <= until) drafts.push(draft);
    at += lastsMs + rest(LEAST_REST_SHARE);
  }
  return drafts;
}

type Range = readonly [min: number, max: number];

/** Which faults a kind of link has, how often and how large. */
interface LinkFaultMix {
  /** Below which number in [0, 1) it is this kind, in this order; above the last it is `cut`. */
  upTo: { drop: number; outage: number; stall: number; freeze: number; latency: number; slow: number };
  outageMs: Range;
  stallMs: Range;
  freezeMs: Range;
  /** For how long, and the range from which each packet's delay is drawn: of its lower and upper end. */
  latency: { ms: Range; least: Range; most: Range };
  slow: { ms: Range; bytesPerSecond: Range };
  /** Probability that a cut is of what the client of the link sends. */
  cutUp: number;
}

const CLIENT_LINK: LinkFaultMix = {
  upTo: { drop: 0.3, outage: 0.5, stall: 0.56, freeze: 0.62, latency: 0.74, slow: 0.84 },
  outageMs: [800, 12_000],
  stallMs: [1_000, 9_000],
  freezeMs: [1_000, 9_000],
  latency: { ms: [2_000, 8_000], least: [50, 300], most: [400, 1_500] },
  slow: { ms: [3_000, 8_000], bytesPerSecond: [12_000, 60_000] },
  cutUp: 0.6,
};
const INNER_LINK: LinkFaultMix = {
  upTo: { drop: 0.35, outage: 0.5, stall: 0.56, freeze: 0.64, latency: 0.74, slow: 0.82 },
  outageMs: [500, 5_000],
  stallMs: [1_000, 8_000],
  freezeMs: [3_000, 9_000],
  latency: { ms: [2_000, 6_000], least: [20, 200], most: [300, 1_200] },
  slow: { ms: [2_000, 6_000], bytesPerSecond: [60_000, 150_000] },
  cutUp: 0.5,
};

/** The order of the draws is part of the plan: it must not change, or a seed gives other faults. */
function linkFault({ upTo, latency, slow, ...mix }: LinkFaultMix, random: Random): LinkFault {
  const between = (range: Range): number => random.int(...range);
  const chance = random.next();
  if (chance < upTo.drop) return { kind: 'drop' };
  if (chance < upTo.outage) return { kind: 'outage', ms: between(mix.outageMs) };
  if (chance < upTo.stall) return { kind: 'stall', ms: between(mix.stallMs) };
  if (chance < upTo.freeze) return { kind: 'freeze', ms: between(mix.freezeMs) };
  if (chance < upTo.latency) {
    const ms = between(latency.ms);
    return { kind: 'latency', ms, latencyMs: [between(latency.least), between(latency.most)] };
  }
  if (chance < upTo.slow)
    return { kind: 'slow', ms: between(slow.ms), bytesPerSecond: between(slow.bytesPerSecond) };
  return { kind: 'cut', direction: random.chance(mix.cutUp) ? 'up' : 'down' };
}

function asrFault(random: Random): AsrFault {
  const afterAudioMs = random.int(200, 9_000);
  const chance = random.next();
  if (chance < 0.5)
    return {
      kind: 'code',
      code: random.pick(RETRIABLE_ASR_CODES),
      ...(random.chance(0.8) && { afterAudioMs }),
    };
  if (chance < 0.62) return { kind: 'close', afterAudioMs };
  if (chance < 0.74) return { kind: 'drop', afterAudioMs };
  if (chance < 0.84) return { kind: 'stall', afterAudioMs: random.int(200, 4_000) };
  if (chance < 0.92) return { kind: 'delay-handshake', ms: random.int(500, 4_000) };
  return { kind: 'http', status: 503 };
}

function databaseFault(random: Random): DatabaseFault {
  const chance = random.next();
  const ms = random.int(2_000, 6_000);
  if (chance < 0.2) return { kind: 'delay', ms, delayMs: [random.int(50, 300), random.int(500, 2_500)] };
  if (chance < 0.4) return { kind: 'errors', ms, probability: 0.3 + random.next() * 0.6 };
  if (chance < 0.5) return { kind: 'http-500', ms, probability: 0.3 + random.next() * 0.6 };
  if (chance < 0.65) return { kind: 'late', ms, probability: 0.3 + random.next() * 0.6 };
  if (chance < 0.8) return { kind: 'lost-answers', ms, probability: 0.3 + random.next() * 0.6 };
  return { kind: 'outage', ms: random.int(2_000, 15_000) };
}

function planStops(speakers: number, random: Random): StopFault[] {
  const stops: StopFault[] = [];
  for (let speaker = 0; speaker < speakers; speaker++)
    if (random.chance(0.5))
      stops.push({
        speaker,
        afterMs: random.int(0, 900),
        ms: random.chance(0.4) ? 0 : random.int(300, 5_000),
      });
  return stops;
}

const lengthOf = (fault: LinkFault): number => ('ms' in fault ? fault.ms : 0);
