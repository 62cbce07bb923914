import { Random } from '../lib/random.ts';
import type { SessionPlan } from './phone.ts';
import { speak } from './speech.ts';

/** A fault of the world, at a time since the beginning, ms. */
export type Fault = { id: number; atMs: number } & (
  | { on: 'link'; session: number; kind: 'drop' }
  | { on: 'link'; session: number; kind: 'outage'; ms: number }
  | { on: 'link'; session: number; kind: 'half-open'; ms: number }
  | { on: 'link'; session: number; kind: 'slow'; ms: number; latencyMs: number }
  | { on: 'instance'; instance: number; kind: 'kill'; downMs: number }
  | { on: 'instance'; instance: number; kind: 'terminate'; downMs: number; drainMs: number }
  | { on: 'instance'; instance: number; kind: 'pause'; ms: number }
  | { on: 'instance'; instance: number; kind: 'skew'; ms: number }
  | { on: 'database'; kind: 'errors' | 'lost' | 'late'; ms: number; share: number; lateMs: number }
  | { on: 'database'; kind: 'outage'; ms: number }
  | { on: 'database'; kind: 'slow'; ms: number; latencyMs: number }
  | { on: 'recogniser'; kind: 'code' | 'drop' | 'stall'; ms: number; share: number; code: number }
  | { on: 'recogniser'; kind: 'full'; ms: number; maxStreams: number }
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
  /** Connections go to the instances in turn, so that each new one is a takeover. */
  inTurn?: boolean;
}

export interface PlanOptions {
  sessions: number;
  /** The longest recording, hours. */
  hours: number;
}

/** The codes after which a new stream may succeed. */
const CODES = [4000, 4006, 4008, 4009, 4010, 5000, 5001, 5002] as const;

/** Draws a plan. The same seed and options give the same plan; each part has random numbers of its own. */
export function planOf(seed: number, options: PlanOptions): Plan {
  const random = new Random(`sim-${seed}`);
  const instances = random.fork('instances').int(1, 4);
  const sessions = Array.from({ length: options.sessions }, (_, number) =>
    sessionPlan(number, random.fork(`session-${number}`), options.hours * 3_600_000),
  );
  const endMs = Math.max(...sessions.map(({ startAtMs, lengthMs }) => startAtMs + lengthMs));
  const faults: Fault[] = [];
  const draws = random.fork('faults');
  const everyMs = draws.int(8_000, 60_000);
  for (let atMs = draws.int(1_000, everyMs); atMs < endMs; atMs += draws.int(500, 2 * everyMs))
    faults.push({
      id: faults.length,
      atMs,
      ...faultOf(draws.fork(`fault-${faults.length}`), instances, options.sessions),
    });
  return {
    seed,
    instances,
    sessions,
    faults,
    maxSpeakMs: random.fork('speak').pick([12_000, 30_000, 60_000]),
  };
}

function sessionPlan(number: number, random: Random, maxMs: number): SessionPlan {
  // Most recordings are short, a few are as long as they may be.
  const lengthMs =
    Math.round((random.chance(0.1) ? maxMs : Math.min(maxMs, random.int(10_000, 180_000))) / 200) * 200;
  // Also while the recording is being saved.
  const killAfterMs = random.chance(0.1) ? random.int(1_000, lengthMs + 20_000) : undefined;
  return {
    number,
    openid: `o${random.int(1, 5)}`,
    startAtMs: random.int(0, 30_000),
    lengthMs,
    words: speak(random.fork('words'), lengthMs, random.pick([0.3, 0.7, 0.95])),
    end: random.chance(0.92) ? 'stop' : 'cancel',
    repeatShare: random.chance(0.2) ? 0.3 : 0,
    ...(killAfterMs !== undefined && { killAfterMs }),
    ...(random.chance(0.7) && { restartAfterMs: random.int(2_000, 120_000) }),
  };
}

type Without<T> = T extends unknown ? Omit<T, 'id' | 'atMs'> : never;

function faultOf(random: Random, instances: number, sessions: number): Without<Fault> {
  const session = random.int(0, sessions - 1);
  const instance = random.int(0, instances - 1);
  const ms = random.int(1_000, 20_000);
  const share = 0.2 + random.next() * 0.7;
  const draws: Without<Fault>[] = [
    { on: 'link', session, kind: 'drop' },
    { on: 'link', session, kind: 'drop' },
    { on: 'link', session, kind: 'outage', ms },
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
    { on: 'database', kind: 'errors', ms, share, lateMs: 0 },
    { on: 'database', kind: 'lost', ms, share, lateMs: 0 },
    { on: 'database', kind: 'late', ms, share, lateMs: random.int(100, 20_000) },
    { on: 'database', kind: 'outage', ms: random.pick([ms, ms, 60_000]) },
    { on: 'database', kind: 'slow', ms, latencyMs: random.int(200, 3_000) },
    { on: 'recogniser', kind: 'code', ms, share, code: random.pick(CODES) },
    { on: 'recogniser', kind: 'drop', ms, share, code: 0 },
    { on: 'recogniser', kind: 'stall', ms, share, code: 0 },
    { on: 'recogniser', kind: 'full', ms, maxStreams: random.int(0, sessions) },
    { on: 'recogniser', kind: 'code', ms: random.int(60_000, 2_400_000), share: 1, code: 5000 },
  ];
  return random.pick(draws);
}
