import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ABUSES } from './abuser.ts';
import type { Tap } from './app-session.ts';
import { buildWorker } from './build.ts';
import type { SessionPlan } from './phone.ts';
import type { Fault, Plan } from './plan.ts';
import type { SpokenWord } from './speech.ts';
import { runWorker } from './sweep.ts';
import type { WorkerReport } from './worker.ts';

/** Two words, a pause that ends a sentence, and so on. */
const wordsFor = (lengthMs: number): SpokenWord[] => {
  const words: SpokenWord[] = [];
  for (let atMs = 300; atMs + 2_000 < lengthMs; atMs += 2_600)
    for (const [i, text] of ['今天', '开会'].entries())
      words.push({ spellings: [text], startMs: atMs + 400 * i, endMs: atMs + 400 * i + 340 });
  return words;
};

const recording = (number: number, lengthMs: number, more: Partial<SessionPlan> = {}): SessionPlan => ({
  number,
  openid: `o${number}`,
  startAtMs: 0,
  lengthMs,
  words: wordsFor(lengthMs),
  end: 'stop',
  repeatShare: 0,
  ...more,
});

type Happening = Fault extends infer One ? (One extends Fault ? Omit<One, 'id'> : never) : never;

const world = (sessions: SessionPlan[], happenings: Happening[], more: Partial<Plan> = {}): Plan => ({
  seed: 1,
  instances: 2,
  sessions,
  faults: happenings.map((fault, id) => ({ ...fault, id }) as Fault),
  maxSpeakMs: 30_000,
  ...more,
});

let file = '';
let folder = '';
beforeAll(async () => {
  file = await buildWorker('world-test');
  folder = await mkdtemp(join(tmpdir(), 'sim-world-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs worlds one after the other. */
async function run(...plans: Plan[]): Promise<WorkerReport[]> {
  const planFile = join(folder, `${Math.random().toString(36).slice(2)}.json`);
  await writeFile(planFile, JSON.stringify(plans));
  const reports: WorkerReport[] = [];
  await runWorker(file, { planFile, trace: true }, (report) => reports.push(report));
  return reports;
}

/** Runs one world in which nothing may go wrong. @returns its trace */
async function traceOf(plan: Plan): Promise<string> {
  const [report] = await run(plan);
  expect(report?.violations).toEqual([]);
  return (report?.trace ?? []).join('\n');
}

describe('a phone', () => {
  it('that is hidden until the system closes its sockets goes on when it is shown', async () => {
    const hidden: Happening = { atMs: 4_000, on: 'phone', session: 0, kind: 'hide', ms: 90_000 };
    const trace = await traceOf(world([recording(0, 20_000)], [hidden]));
    expect(trace).toMatch(
      /phone-0 live → reconnecting[\s\S]*phone-0 reconnecting → live[\s\S]*phone-0 completed/,
    );
  });

  it('with a recorder goes on after the background and after a call, by a tap', async () => {
    const trace = await traceOf(
      world(
        [recording(0, 30_000, { microphone: true })],
        [
          { atMs: 4_000, on: 'phone', session: 0, kind: 'hide', ms: 20_000 },
          { atMs: 40_000, on: 'phone', session: 0, kind: 'call', ms: 15_000 },
        ],
      ),
    );
    expect(trace).toContain('phone-0 completed');
    expect(trace).toContain('"audioMs":');
  });

  it('that loses the permission for its microphone saves what it has', async () => {
    const denied: Happening = { atMs: 6_000, on: 'phone', session: 0, kind: 'denied' };
    const trace = await traceOf(world([recording(0, 60_000, { microphone: true })], [denied]));
    expect(trace).toContain('phone-0 completed');
  });

  it('whose clock is wrong by years, and is set while it records, delivers everything', async () => {
    const set: Happening = { atMs: 5_000, on: 'phone', session: 0, kind: 'skew', ms: 0 };
    const wrong = recording(0, 20_000, { skewMs: -400 * 24 * 3_600_000 });
    expect(await traceOf(world([wrong], [set]))).toContain('phone-0 completed');
  });

  it('gives the recording to a second phone, and gets it back by a tap', async () => {
    const second: Happening = { atMs: 5_000, on: 'phone', session: 0, kind: 'second-phone', backMs: 30_000 };
    const trace = await traceOf(world([recording(0, 60_000)], [second]));
    expect(trace).toMatch(
      /phone-0 live → failed error:TAKEN_OVER[\s\S]*phone-0 failed → reconnecting[\s\S]*phone-0-second live → failed error:TAKEN_OVER[\s\S]*phone-0 completed/,
    );
  });

  it('is left, and what it recorded is delivered when the person comes back', async () => {
    const left: Happening = { atMs: 7_000, on: 'phone', session: 0, kind: 'leave', returnMs: 30_000 };
    expect(await traceOf(world([recording(0, 30_000)], [left]))).toContain('phone-0 delivered');
  });
});

describe('taps', () => {
  const PAIRS: readonly (readonly Tap[])[] = [
    ['stop', 'stop'],
    ['stop', 'cancel'],
    ['cancel', 'stop'],
    ['cancel', 'cancel'],
    ['start', 'stop'],
  ];

  it('at every moment of a recording, while it starts, while it reconnects and while it is saved', async () => {
    const plans: Plan[] = [];
    for (const taps of PAIRS)
      for (const gapMs of [0, 80, 400])
        for (let atMs = 20; atMs <= 6_500; atMs += 270)
          plans.push(
            world(
              [recording(0, 5_600)],
              [
                {
                  atMs,
                  on: 'phone',
                  session: 0,
                  kind: 'taps',
                  taps: taps.map((what, i) => ({ what, afterMs: i * gapMs })),
                },
                { atMs: 2_000, on: 'link', session: 0, kind: 'outage', ms: 700 },
              ],
            ),
          );
    const reports = await run(...plans);
    expect(reports).toHaveLength(plans.length);
    const broken = reports.flatMap(({ violations }, at) =>
      violations.map((one) => ({ ...one, faults: plans[at]?.faults[0] })),
    );
    expect(broken).toEqual([]);
    const ends = new Set(
      reports.map(({ trace = [] }) => /phone-0 (completed|cancelled)/.exec(trace.join('\n'))?.[1]),
    );
    expect([...ends].sort()).toEqual(['cancelled', 'completed']);
  }, 120_000);
});

describe('abuse', () => {
  it.each(ABUSES)('%s: whoever speaks beside it loses nothing', async (kind) => {
    const abuse: Happening = { atMs: 3_000, on: 'abuse', kind, session: 0, ms: 25_000 };
    const trace = await traceOf(world([recording(0, 40_000)], [abuse], { instances: 1 }));
    expect(trace).toContain('phone-0 completed');
    const codes: Record<(typeof ABUSES)[number], string> = {
      malformed: 'BAD_REQUEST',
      flood: 'RATE_LIMITED',
      starts: 'ALREADY_STARTED',
      tickets: 'TICKET_',
      foreign: 'FORBIDDEN',
      old: 'ok 1',
    };
    expect(/abuser-0 .* ends after .*/.exec(trace)?.[0]).toContain(codes[kind]);
  });
});

describe('the service', () => {
  it('is replaced instance by instance, and nobody notices more than a reconnection', async () => {
    const sessions = [0, 1, 2].map((number) => recording(number, 40_000));
    const rolling: Happening = {
      atMs: 8_000,
      on: 'deployment',
      kind: 'rolling',
      everyMs: 3_000,
      drainMs: 2_000,
    };
    const trace = await traceOf(world(sessions, [rolling], { instances: 5 }));
    expect(trace.match(/"reason":"handOver"/g)?.length).toBeGreaterThan(1);
    for (const { number } of sessions) expect(trace).toContain(`phone-${number} completed`);
  });

  it('whose clocks jump, forwards and backwards, loses nothing', async () => {
    const jumps: Happening[] = [3_600_000, -3_600_000, 45_000, -45_000].map((ms, i) => ({
      atMs: 5_000 + i * 15_000,
      on: 'instance',
      instance: 0,
      kind: 'jump',
      ms,
      backMs: 9_000,
    }));
    expect(await traceOf(world([recording(0, 70_000)], jumps, { instances: 1 }))).toContain(
      'phone-0 completed',
    );
  });

  it('ends a session whose client is gone for good', async () => {
    const gone = recording(0, 30_000, { killAfterMs: 9_000 });
    const trace = await traceOf(world([gone, recording(1, 400_000)], []));
    expect(trace).toContain('"reason":"clientGone"');
  });
});

describe('instances that share the streams of the account', () => {
  /** Two people at once, on two instances. */
  const both = (lengthMs: number) => [recording(0, lengthMs), recording(1, lengthMs)];
  const sharing = { instances: 2, inTurn: true, recogniserStreams: 1 };

  it('hear one person after the other where there is one stream, and lose nothing', async () => {
    const trace = await traceOf(world(both(15_000), [], sharing));
    expect(trace).toContain('"to":"queued"');
    for (const number of [0, 1]) expect(trace).toContain(`phone-${number} completed`);
  });

  it('have the stream back of an instance that was killed, within a minute', async () => {
    const killed: Happening = { atMs: 6_000, on: 'instance', instance: 0, kind: 'kill', downMs: 600_000 };
    // The second person comes when the first one's instance has the stream.
    const people = [recording(0, 60_000), recording(1, 60_000, { startAtMs: 3_000 })];
    const trace = await traceOf(world(people, [killed], sharing));
    const streams = [...trace.matchAll(/^([\d.]+) container-1\S* debug relay .*"to":"streaming"/gm)];
    const [first] = streams.map(([, seconds]) => Number(seconds));
    expect(first).toBeGreaterThan(6 + 15);
    expect(first).toBeLessThan(6 + 60);
    for (const number of [0, 1]) expect(trace).toContain(`phone-${number} completed`);
  });

  it('go on, and begin anew, while the database is away and nobody can renew', async () => {
    const outage: Happening = { atMs: 5_000, on: 'database', kind: 'outage', ms: 45_000 };
    const trace = await traceOf(world(both(90_000), [outage], sharing));
    expect(trace).toContain('the lease is lost');
    expect(trace).toContain('the lease is held again');
    for (const number of [0, 1]) expect(trace).toContain(`phone-${number} completed`);
  });

  it('are replaced one by one, and what the old ones hold goes to the new ones', async () => {
    const rolling: Happening = {
      atMs: 8_000,
      on: 'deployment',
      kind: 'rolling',
      everyMs: 3_000,
      drainMs: 2_000,
    };
    const trace = await traceOf(world(both(40_000), [rolling], { ...sharing, recogniserStreams: 2 }));
    for (const number of [0, 1]) expect(trace).toContain(`phone-${number} completed`);
  });
});

describe("the container's own connection to the recogniser", () => {
  it.each([4000, 4006, 4008, 4009, 4010, 5000, 5001, 5002])(
    '%i: is made again, and no word is lost',
    async (code) => {
      const refused: Happening = { atMs: 0, on: 'recogniser', kind: 'code', ms: 12_000, share: 1, code };
      const trace = await traceOf(world([recording(0, 30_000)], [refused], { overSockets: true }));
      expect(trace).toContain(`"reason":"${code}"`);
      expect(trace).toContain('phone-0 completed');
    },
  );

  it('that is cut, or takes audio and says nothing, is made again', async () => {
    const faults: Happening[] = [
      { atMs: 0, on: 'recogniser', kind: 'drop', ms: 6_000, share: 1, code: 0 },
      { atMs: 6_001, on: 'recogniser', kind: 'stall', ms: 15_000, share: 1, code: 0 },
    ];
    const trace = await traceOf(world([recording(0, 60_000)], faults, { overSockets: true }));
    expect(trace).toContain('"reason":"closed"');
    expect(trace).toContain('phone-0 completed');
  });
});

describe('the history page', () => {
  it('edits, deletes and restores while the recording goes on', async () => {
    const kinds = ['edit', 'rename', 'list', 'delete', 'restore'] as const;
    const happenings = kinds.map(
      (kind, i): Happening => ({ atMs: 9_000 + 2_000 * i, on: 'history', session: 0, kind }),
    );
    const trace = await traceOf(world([recording(0, 60_000), recording(1, 30_000)], happenings));
    for (const kind of kinds) expect(trace).toContain(`history:${kind} ok`);
    expect(trace).toContain('phone-0 live → failed error:SESSION_DELETED');
  });

  it('purges what was deleted or cancelled, a day later, and nothing else', async () => {
    const sessions = [recording(0, 15_000), recording(1, 15_000, { end: 'cancel' }), recording(2, 15_000)];
    const deleted: Happening = { atMs: 25_000, on: 'history', session: 0, kind: 'delete' };
    const [report] = await run(world(sessions, [deleted], { afterMs: 26 * 3_600_000 }));
    expect(report?.violations).toEqual([]);
    expect(report?.hours).toBeGreaterThan(26);
  });

  it('deletes everything of one person, and nothing of another', async () => {
    const sessions = [recording(0, 30_000), recording(1, 30_000)];
    const all: Happening = { atMs: 12_000, on: 'history', session: 0, kind: 'delete-all' };
    const trace = await traceOf(world(sessions, [all]));
    expect(trace).toContain('phone-1 completed');
    expect(trace).toContain('phone-0 live → failed error:SESSION_DELETED');
  });
});

describe('a day', () => {
  it('of eight hours, silence and pauses for most of it, is recorded whole', async () => {
    const hour = 3_600_000;
    const words = [0, 1, 1.9].flatMap((at) =>
      wordsFor(30_000).map((word) => ({
        ...word,
        startMs: word.startMs + at * hour,
        endMs: word.endMs + at * hour,
      })),
    );
    const pauses = [
      { atMs: hour / 2, ms: 3 * hour },
      { atMs: 1.5 * hour, ms: 3 * hour },
    ];
    const drop: Happening = { atMs: 2 * hour, on: 'link', session: 0, kind: 'drop' };
    const [report] = await run(world([recording(0, 2 * hour, { words, pauses })], [drop]));
    expect(report?.violations).toEqual([]);
    expect(report?.sessionMinutes).toBeGreaterThan(8 * 60 - 1);
    expect(report?.trace?.join('\n')).toContain('phone-0 completed');
  }, 300_000);
});
