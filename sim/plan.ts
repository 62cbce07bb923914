import { Random } from '../lib/random.ts';
import { ABUSES, type Abuse } from './abuser.ts';
import type { Tap } from './app-session.ts';
import type { HistoryKind } from './cloud.ts';
import type { Hold } from './delivery-order.ts';
import type { PhoneEvent, SessionPlan, UserPause } from './phone.ts';
import type { ContainerSettings } from './settings.ts';
import { type SpokenWord, speak } from './speech.ts';

/** A fault of the world, or something that a person does, at a time since the beginning, ms. */
export type Fault = { id: number; atMs: number } & (
  | { on: 'link'; session: number; kind: 'drop' }
  /** `told`: the phone knows that it has no network. */
  | { on: 'link'; session: number; kind: 'outage'; ms: number; told?: boolean }
  | { on: 'link'; session: number; kind: 'half-open'; ms: number }
  | { on: 'link'; session: number; kind: 'slow'; ms: number; latencyMs: number }
  | { on: 'instance'; instance: number; kind: 'kill'; downMs: number }
  | { on: 'instance'; instance: number; kind: 'terminate'; downMs: number; drainMs: number }
  | { on: 'instance'; instance: number; kind: 'pause'; ms: number }
  | { on: 'instance'; instance: number; kind: 'skew'; ms: number }
  /** The clock is wrong by `ms`, and put right after `backMs`. */
  | { on: 'instance'; instance: number; kind: 'jump'; ms: number; backMs: number }
  /** Every instance is replaced, one after the other: the new one comes first, then the old one is told to end. */
  | { on: 'deployment'; kind: 'rolling'; everyMs: number; drainMs: number }
  | { on: 'database'; kind: 'errors' | 'lost' | 'late'; ms: number; share: number; lateMs: number }
  | { on: 'database'; kind: 'outage'; ms: number }
  | { on: 'database'; kind: 'slow'; ms: number; latencyMs: number }
  /** `restarts`: all streams are dropped first, so that each session gets a new one. */
  | {
      on: 'recogniser';
      kind: 'code' | 'drop' | 'stall';
      ms: number;
      share: number;
      code: number;
      restarts?: boolean;
    }
  /** All streams are dropped. */
  | { on: 'recogniser'; kind: 'restart' }
  | { on: 'recogniser'; kind: 'full'; ms: number; maxStreams: number }
  | ({ on: 'phone'; session: number } & PhoneEvent)
  /** Something that a person does on the history page. */
  | { on: 'history'; session: number; kind: HistoryKind }
  /** The next `calls` calls of functions are ended in the middle. */
  | { on: 'functions'; kind: 'death'; calls: number }
  | { on: 'functions'; kind: 'skew'; ms: number }
  | { on: 'abuse'; kind: Abuse; session: number; ms: number }
);

/** Everything that happens in a run and does not follow from something else. */
export interface Plan {
  seed: number;
  instances: number;
  sessions: SessionPlan[];
  faults: Fault[];
  maxSpeakMs: number;
  /** What becomes of one database request, counted from 1; for searches of small worlds. */
  request?: { number: number; effect: 'error' | 'lost' | 'late' | 'gone'; lateMs: number };
  /** Deliveries that others overtake, counted from `fromMs` on; for searches, too. */
  order?: { fromMs: number; holds: Hold[] };
  /** Connections go to the instances in turn, so that each new one is a takeover. */
  inTurn?: boolean;
  /** The container's own connection to Tencent's service runs, over a simulated socket. */
  overSockets?: boolean;
  /** Streams that the instances share by leases; undefined: they do not count them. */
  recogniserStreams?: number;
  /** Settings of the containers that are not the default. */
  settings?: ContainerSettings;
  /** After everything the functions' timers go on for this long, ms: what was deleted is purged. */
  afterMs?: number;
}

export interface PlanOptions {
  sessions: number;
  /** The longest recording, hours. */
  hours: number;
  /** Of every seed, whatever it draws. */
  settings?: ContainerSettings;
}

const HOUR_MS = 3_600_000;
/** Clocks of phones are wrong by hours, or by a time zone, or by years. */
const WRONG_CLOCKS_MS = [
  -90_000,
  90_000,
  -8 * HOUR_MS,
  5 * HOUR_MS,
  -400 * 24 * HOUR_MS,
  300 * 24 * HOUR_MS,
] as const;
/** A server's clock that is set jumps by seconds, and by an hour where it was never set. */
const JUMPS_MS = [-2_000, 2_000, -45_000, 45_000, -300_000, 300_000, -HOUR_MS, HOUR_MS] as const;

/** The codes after which a new stream may succeed. */
const CODES = [4000, 4006, 4008, 4009, 4010, 5000, 5001, 5002] as const;

/** Draws a plan. The same seed and options give the same plan; each part has random numbers of its own. */
export function planOf(seed: number, options: PlanOptions): Plan {
  const random = new Random(`sim-${seed}`);
  const instances = random.fork('instances').int(1, 5);
  const sessions = Array.from({ length: options.sessions }, (_, number) =>
    sessionPlan(number, random.fork(`session-${number}`), options.hours * HOUR_MS),
  );
  const endMs = Math.max(...sessions.map(({ startAtMs, lengthMs }) => startAtMs + lengthMs));
  const faults: Fault[] = [];
  const add = (atMs: number, fault: Without<Fault>) =>
    void faults.push({ id: faults.length, atMs, ...fault });
  const draws = random.fork('faults');
  const kinds = kindsOf(random.fork('kinds'));
  const everyMs = draws.int(8_000, 60_000);
  // Hours with a fault each few seconds would be spent on replaying only.
  const thinnerBy = Math.max(1, options.hours / 0.5);
  for (
    let atMs = draws.int(1_000, everyMs);
    atMs < endMs;
    atMs += Math.round(draws.int(500, 2 * everyMs) * thinnerBy)
  )
    add(atMs, faultOf(draws.fork(`fault-${faults.length}`), instances, options.sessions, kinds));
  for (const session of sessions)
    for (const { atMs, fault } of eventsOf(session, random.fork(`events-${session.number}`)))
      add(atMs, fault);
  const others = random.fork('others');
  if (others.chance(0.12))
    add(others.int(1_000, endMs), {
      on: 'deployment',
      kind: 'rolling',
      everyMs: others.int(500, 20_000),
      drainMs: others.pick([0, 2_000, 8_000]),
    });
  if (others.chance(0.2))
    add(others.int(1_000, endMs), {
      on: 'abuse',
      kind: others.pick(ABUSES),
      session: others.int(0, options.sessions - 1),
      ms: others.int(5_000, 30_000),
    });
  return {
    seed,
    instances,
    sessions,
    faults,
    maxSpeakMs: random.fork('speak').pick([12_000, 30_000, 60_000]),
    ...(others.chance(0.5) && { overSockets: true }),
    ...settingsOf(random.fork('database-budget'), options.settings),
    ...(others.chance(0.05) ? { afterMs: 26 * HOUR_MS } : leasesOf(random.fork('leases'), options.sessions)),
  };
}

/** A third of the seeds share streams: mostly too few for all at once. A day of renewals behind them would show nothing more. */
const leasesOf = (random: Random, sessions: number): Pick<Plan, 'recogniserStreams'> =>
  random.chance(0.35) ? { recogniserStreams: random.int(1, sessions + 1) } : {};

/** With so few database requests an instance's sessions wait for each other all the time. */
function settingsOf(random: Random, given: ContainerSettings = {}): Pick<Plan, 'settings'> {
  const drawn = random.chance(0.2) ? { DB_WRITES_PER_SECOND: String(random.int(1, 3)) } : {};
  const settings = { ...drawn, ...given };
  return Object.keys(settings).length > 0 ? { settings } : {};
}

function sessionPlan(number: number, random: Random, maxMs: number): SessionPlan {
  // Most recordings are short, a few are as long as they may be.
  const isLong = random.chance(0.1);
  const lengthMs = Math.round((isLong ? maxMs : Math.min(maxMs, random.int(8_000, 120_000))) / 1_000) * 1_000;
  // Often while the recording is being saved.
  const killFromMs = random.chance(0.5) ? 1_000 : lengthMs;
  const killAfterMs = random.chance(0.15) ? random.int(killFromMs, lengthMs + 20_000) : undefined;
  const density = random.pick([0.3, 0.7, 0.95]);
  const pauses = pausesOf(random.fork('pauses'), lengthMs);
  const scenes = random.fork('scenes');
  return {
    number,
    openid: `o${random.int(1, 5)}`,
    startAtMs: random.int(0, 30_000),
    lengthMs,
    words: isLong
      ? speakNowAndThen(random.fork('words'), lengthMs, density)
      : speak(random.fork('words'), lengthMs, density),
    end: random.chance(0.92) ? 'stop' : 'cancel',
    repeatShare: random.chance(0.2) ? 0.3 : 0,
    ...(killAfterMs !== undefined && { killAfterMs }),
    ...(random.chance(0.5) && { restartAfterMs: random.int(2_000, 120_000) }),
    ...(scenes.chance(0.1) && { microphone: true }),
    ...(scenes.chance(0.15) && { skewMs: scenes.pick(WRONG_CLOCKS_MS) }),
    ...(pauses.length > 0 && { pauses }),
  };
}

/** Long recordings are mostly silence: somebody speaks for some minutes, and then nobody for up to an hour. */
function speakNowAndThen(random: Random, lengthMs: number, density: number): SpokenWord[] {
  const words: SpokenWord[] = [];
  for (let atMs = 0; atMs < lengthMs; ) {
    const talkMs = Math.min(lengthMs - atMs, random.int(60_000, 300_000));
    const startMs = atMs;
    for (const word of speak(random, talkMs, density))
      words.push({ ...word, startMs: startMs + word.startMs, endMs: startMs + word.endMs });
    atMs += talkMs + random.int(60_000, HOUR_MS);
  }
  return words;
}

function pausesOf(random: Random, lengthMs: number): UserPause[] {
  if (!random.chance(0.1)) return [];
  const isLong = lengthMs > HOUR_MS / 2;
  return Array.from({ length: random.int(1, 3) }, () => ({
    atMs: random.int(0, lengthMs),
    ms: isLong ? random.int(60_000, 2 * HOUR_MS) : random.int(1_000, 150_000),
  })).sort((a, b) => a.atMs - b.atMs);
}

/**
 * Which kinds of faults a seed has, as places in the list of them, 0 … 1; undefined: all. Half of the seeds have a few, each
 * often: some defects need two of the same kind, or two certain kinds, close to each other.
 */
const kindsOf = (random: Random): number[] | undefined =>
  random.chance(0.5) ? undefined : Array.from({ length: random.int(1, 5) }, random.next);

type Without<T> = T extends unknown ? Omit<T, 'id' | 'atMs'> : never;

/** What happens to one person's phone, and what the person does: mostly nothing. */
function eventsOf(
  { number: session, startAtMs, lengthMs }: SessionPlan,
  random: Random,
): { atMs: number; fault: Without<Fault> }[] {
  const events: { atMs: number; fault: Without<Fault> }[] = [];
  const during = (fault: Without<Fault>) =>
    void events.push({ atMs: startAtMs + random.int(0, lengthMs + 3_000), fault });
  const phone = (event: PhoneEvent) => during({ on: 'phone', session, ...event });
  if (random.chance(0.12)) phone({ kind: 'hide', ms: random.pick([2_000, 20_000, 90_000, 200_000]) });
  if (random.chance(0.08)) phone({ kind: 'call', ms: random.int(2_000, 60_000) });
  if (random.chance(0.03)) phone({ kind: 'denied' });
  if (random.chance(0.05)) phone({ kind: 'skew', ms: random.pick(WRONG_CLOCKS_MS) });
  if (random.chance(0.06))
    phone({ kind: 'second-phone', ...(random.chance(0.5) && { backMs: random.int(500, 20_000) }) });
  if (random.chance(0.04)) phone({ kind: 'leave', returnMs: random.int(100, 60_000) });
  if (random.chance(0.12)) phone({ kind: 'taps', taps: tapsOf(random) });
  if (random.chance(0.2)) {
    const kinds = random.pick<readonly HistoryKind[]>([
      ['list'],
      ['list', 'edit', 'edit'],
      ['rename', 'edit'],
      ['delete'],
      ['delete', 'restore'],
      ['edit', 'delete', 'restore', 'list'],
    ]);
    let atMs = startAtMs + random.int(0, lengthMs + 20_000);
    for (const kind of kinds) {
      events.push({ atMs, fault: { on: 'history', session, kind } });
      atMs += random.int(50, 15_000);
    }
  }
  if (random.chance(0.01)) during({ on: 'history', session, kind: 'delete-all' });
  if (random.chance(0.02)) during({ on: 'functions', kind: 'death', calls: random.int(1, 4) });
  if (random.chance(0.02)) during({ on: 'functions', kind: 'skew', ms: random.int(-30_000, 30_000) });
  return events;
}

/** Taps one after the other, some of them at the same moment. */
function tapsOf(random: Random): { what: Tap; afterMs: number }[] {
  const whats = random.pick<readonly Tap[]>([
    ['stop', 'stop'],
    ['start', 'stop'],
    ['stop', 'cancel'],
    ['cancel', 'stop'],
    ['cancel', 'cancel'],
    ['stop', 'stop', 'cancel', 'stop'],
  ]);
  let afterMs = 0;
  return whats.map((what) => {
    const tap = { what, afterMs };
    afterMs += random.pick([0, 0, 50, 300, 2_000]);
    return tap;
  });
}

/** Either no stream is to be had, or each ends after some seconds of audio. */
const recogniserAway = (ms: number, isFull: boolean): Without<Fault> =>
  isFull
    ? { on: 'recogniser', kind: 'full', ms, maxStreams: 0 }
    : { on: 'recogniser', kind: 'code', ms, share: 1, code: 5000 };

function faultOf(
  random: Random,
  instances: number,
  sessions: number,
  kinds: readonly number[] | undefined,
): Without<Fault> {
  const session = random.int(0, sessions - 1);
  const instance = random.int(0, instances - 1);
  const ms = random.int(1_000, 20_000);
  const share = 0.2 + random.next() * 0.7;
  const draws: Without<Fault>[] = [
    { on: 'link', session, kind: 'drop' },
    { on: 'link', session, kind: 'drop' },
    { on: 'link', session, kind: 'outage', ms, told: random.chance(0.5) },
    // Longer than the phone keeps audio.
    { on: 'link', session, kind: 'outage', ms: ms + 130_000, told: random.chance(0.5) },
    { on: 'link', session, kind: 'half-open', ms: ms + 5_000 },
    { on: 'link', session, kind: 'slow', ms, latencyMs: random.int(200, 2_000) },
    { on: 'instance', instance, kind: 'kill', downMs: random.int(500, 15_000) },
    {
      on: 'instance',
      instance,
      kind: 'terminate',
      downMs: random.int(500, 5_000),
      drainMs: random.pick([0, 2_000, 8_000]),
    },
    { on: 'instance', instance, kind: 'pause', ms: random.pick([2_000, 20_000, 120_000]) },
    { on: 'instance', instance, kind: 'skew', ms: random.int(-30_000, 30_000) },
    { on: 'instance', instance, kind: 'jump', ms: random.pick(JUMPS_MS), backMs: random.int(1_000, 90_000) },
    { on: 'database', kind: 'errors', ms, share, lateMs: 0 },
    { on: 'database', kind: 'errors', ms: ms + 100_000, share: 1, lateMs: 0 },
    { on: 'database', kind: 'lost', ms, share, lateMs: 0 },
    { on: 'database', kind: 'late', ms, share, lateMs: random.int(100, 20_000) },
    { on: 'database', kind: 'outage', ms: random.pick([ms, ms, 60_000]) },
    { on: 'database', kind: 'slow', ms, latencyMs: random.int(200, 3_000) },
    { on: 'recogniser', kind: 'code', ms, share, code: random.pick(CODES) },
    { on: 'recogniser', kind: 'drop', ms, share, code: 0 },
    { on: 'recogniser', kind: 'restart' },
    { on: 'recogniser', kind: 'stall', ms, share, code: 0 },
    // Long enough for two streams, one after the other.
    { on: 'recogniser', kind: 'stall', ms: ms + 20_000, share: 0.9, code: 0, restarts: true },
    { on: 'recogniser', kind: 'full', ms, maxStreams: random.int(0, sessions) },
    recogniserAway(random.int(60_000, 3_600_000), random.chance(0.5)),
  ];
  return kinds
    ? (draws[Math.floor(random.pick(kinds) * draws.length)] as Without<Fault>)
    : random.pick(draws);
}
