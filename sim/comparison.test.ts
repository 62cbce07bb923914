import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlannedFault, UnnumberedFault } from '../bench/chaos/fault-kinds.ts';
import type { StoredRecords, StoredSession } from '../bench/chaos/records.ts';
import { type ChaosResult, runChaos } from '../bench/chaos/run.ts';
import type { Script } from '../bench/chaos/script.ts';
import { wordsOf } from '../bench/chaos/words.ts';
import { samplesToMs } from '../contract/limits.ts';
import { ALL_DAYS, type Loss, ownerNumber, statsId } from '../contract/records.ts';
import { buildWorker } from './build.ts';
import type { Fault, Plan } from './plan.ts';
import { RATE_HZ, type SpokenWord } from './speech.ts';

const SEED = 11;
const LENGTH_MS = 36_000;
const SPEAKERS = 2;
const STAGGER_MS = 350;
/**
 * One: with more, chance decides in each world whether the phone comes back to the instance that has its audio, or to one that begins at
 * the checkpoint, from where on what the phone does not keep is lost.
 */
const CONTAINERS = 1;
/** The second phone keeps so little that it loses audio while it is offline. */
const SHORT_RING = { speaker: 1, ringMs: 9_000 };
const OFFLINE_MS = 11_000;

/**
 * When each thing is planned since the speakers began, ms. The containers are killed while the second phone still has all audio,
 * and it has sent it by the time it goes offline: what it loses is then what it was offline for longer than it keeps.
 */
const AT = { drop: 2_500, killed: 4_000, offline: 19_000, store: 31_500, recogniser: 33_500 } as const;
const STORE_AWAY_MS = 2_000;
const DOWN_MS = 800;

/** Tolerances of what may differ: the recognisers and the pace of the processes are not the same. */
const TIME_MS = 700;
/** The phone's longest wait between two attempts to connect, twice: by so much longer it may be offline in the simulation. */
const LOSS_MS = 3_000;
/** Sentences nearer to a loss may be heard in part. */
const NEAR_LOSS_MS = 1_500;
/** A pause may be just long enough for one recogniser to end a sentence. */
const SENTENCES = 1;

const inReality: UnnumberedFault[] = [
  { on: 'client', atMs: AT.drop, speaker: 0, fault: { kind: 'drop' } },
  { on: 'loss', atMs: AT.offline, fault: { kind: 'offline', speaker: 1, ms: OFFLINE_MS } },
  {
    on: 'container',
    atMs: AT.killed,
    signal: 'SIGKILL',
    downMs: DOWN_MS,
    speaker: 0,
    afterOutageMs: 0,
    both: true,
  },
  { on: 'database', atMs: AT.store, fault: { kind: 'outage', ms: STORE_AWAY_MS } },
  { on: 'asr-link', atMs: AT.recogniser, container: 0, fault: { kind: 'drop' } },
];

type Unnumbered<F> = F extends unknown ? Omit<F, 'id'> : never;

/**
 * The same faults, each when and for as long as it took place in reality: a loaded machine starts a container slowly, and takes a phone
 * back slowly.
 */
function inSimulation({ injected, events }: ChaosResult): Unnumbered<Fault>[] {
  return injected.flatMap(({ planned, beganAt, endedAt }): Unnumbered<Fault>[] => {
    const during = { atMs: Math.round(beganAt), ms: Math.round(endedAt - beganAt) };
    if (planned.on === 'client')
      return [{ atMs: during.atMs, on: 'link', session: planned.speaker, kind: 'drop' }];
    if (planned.on === 'loss') {
      const back = events.find(
        ({ t, who, what }) => who === `speaker-${SHORT_RING.speaker}` && what === 'connected' && t >= endedAt,
      );
      const ms = Math.round((back?.t ?? endedAt) - beganAt);
      return [{ ...during, ms, on: 'link', session: SHORT_RING.speaker, kind: 'outage' }];
    }
    if (planned.on === 'database')
      return [{ ...during, on: 'database', kind: 'errors', share: 1, lateMs: 0 }];
    if (planned.on === 'container') return killsOf(events);
    return planned.on === 'asr-link' ? [{ atMs: during.atMs, on: 'recogniser', kind: 'restart' }] : [];
  });
}

function killsOf(events: ChaosResult['events']): Unnumbered<Fault>[] {
  const gone = events.filter(({ what }) => what === 'is gone');
  return gone.map(({ t, who }, instance) => {
    const back = events.find((event) => event.who === who && event.what === 'is back');
    if (back === undefined) throw new Error(`${who} did not come back`);
    return { atMs: Math.round(t), on: 'instance', instance, kind: 'kill', downMs: Math.round(back.t - t) };
  });
}

const sessionIdIn = {
  reality: (speaker: number) => `chaos-${SEED}-speaker-${speaker}`,
  simulation: (speaker: number) => `session-${String(speaker).padStart(4, '0')}`,
};

/** What a script says, its words spread evenly over each phrase's voice. */
function spokenWords({ utterances }: Script): SpokenWord[] {
  return utterances.flatMap(({ phrase, startPos }) => {
    const words = wordsOf(phrase.text);
    const [fromMs, toMs] = [phrase.voice.from, phrase.voice.to].map((pos) =>
      samplesToMs(startPos + pos, RATE_HZ),
    ) as [number, number];
    const at = (i: number) => Math.round(fromMs + ((toMs - fromMs) * i) / words.length);
    return words.map((word, i) => ({ spellings: [word], startMs: at(i), endMs: at(i + 1) }));
  });
}

const planOf = (result: ChaosResult): Plan => ({
  seed: SEED,
  instances: CONTAINERS,
  maxSpeakMs: 20_000,
  faults: inSimulation(result).map((fault, id) => ({ id, ...fault }) as Fault),
  sessions: result.scripts.map((script, number) => ({
    number,
    openid: `o${number}`,
    startAtMs: number * STAGGER_MS,
    lengthMs: LENGTH_MS,
    words: spokenWords(script),
    end: 'stop',
    repeatShare: 0.08,
    ...(number === SHORT_RING.speaker && { ringMs: SHORT_RING.ringMs }),
  })),
});

/** Words of the sentences that are further than the tolerance from what either world has lost. */
function wordsAway({ sentences }: StoredSession, losses: readonly Loss[]): string[] {
  const isAway = ({ startMs, endMs }: { startMs: number; endMs: number }) =>
    !losses.some((loss) => startMs < loss.endMs + NEAR_LOSS_MS && endMs > loss.startMs - NEAR_LOSS_MS);
  return sentences
    .filter(({ sentence }) => isAway(sentence))
    .flatMap(({ sentence }) => wordsOf(sentence.text));
}

const lostMs = ({ record }: StoredSession): number =>
  record.losses.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);

let dataDir: string;
let real: ChaosResult;
let simulated: { stored: StoredRecords; violations: readonly unknown[] };

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'comparison-'));
  real = await runChaos({
    seed: SEED,
    durationMs: LENGTH_MS,
    speakers: SPEAKERS,
    containers: CONTAINERS,
    dataDir,
    faults: inReality.map((fault, id): PlannedFault => ({ ...fault, id })),
    shortRing: SHORT_RING,
  });
  // The simulator's own audio encoding is put in by the build.
  const { run } = (await import(
    await buildWorker('comparison', [], 'sim/run.ts')
  )) as typeof import('./run.ts');
  simulated = await run(planOf(real));
}, 180_000);
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const both = (speaker: number): [StoredSession, StoredSession] => {
  const found = [
    real.records.sessions.get(sessionIdIn.reality(speaker)),
    simulated.stored.sessions.get(sessionIdIn.simulation(speaker)),
  ];
  expect(found).not.toContain(undefined);
  return found as [StoredSession, StoredSession];
};

describe('the same plan, with real processes and simulated', () => {
  it('goes well in both', () => {
    expect(simulated.violations).toEqual([]);
    expect(real.crashes).toEqual([]);
    expect(real.verdicts.map(({ failure }) => failure)).toEqual([undefined, undefined]);
    // all that was planned took place
    expect(Object.keys(real.faults).length).toBe(5);
  });

  it.each([0, 1])('stores the same of speaker %i: state, length, number of sentences', (speaker) => {
    const [a, b] = both(speaker);
    expect(a.record.state).toBe('completed');
    expect(b.record.state).toBe(a.record.state);
    expect(b.record.samples).toBe(a.record.samples);
    for (const { record, sentences } of [a, b]) expect(record.sentenceCount).toBe(sentences.length);
    expect(Math.abs(a.sentences.length - b.sentences.length)).toBeLessThanOrEqual(SENTENCES);
    for (const { record } of [a, b]) expect(ownerNumber(record)).toBeGreaterThan(1);
  });

  it('stores the same words where nothing was lost, with the same times', () => {
    const [a, b] = both(0);
    expect([a.record.losses, b.record.losses]).toEqual([[], []]);
    expect(wordsAway(b, [])).toEqual(wordsAway(a, []));
    expect(wordsAway(a, []).length).toBeGreaterThan(20);
    const timed = new Map(a.sentences.map(({ sentence }) => [wordsOf(sentence.text).join(''), sentence]));
    const pairs = b.sentences.flatMap(({ sentence }) => {
      const other = timed.get(wordsOf(sentence.text).join(''));
      return other ? [{ sentence, other }] : [];
    });
    expect(pairs.length).toBeGreaterThan(0);
    for (const { sentence, other } of pairs) {
      expect(Math.abs(sentence.startMs - other.startMs)).toBeLessThanOrEqual(TIME_MS);
      expect(Math.abs(sentence.endMs - other.endMs)).toBeLessThanOrEqual(TIME_MS);
    }
  });

  it('loses about as much, at about the same place, of the phone that keeps little; the other words are the same', () => {
    const [a, b] = both(SHORT_RING.speaker);
    for (const session of [a, b]) expect(lostMs(session)).toBeGreaterThan(0);
    expect(Math.abs(lostMs(a) - lostMs(b))).toBeLessThanOrEqual(LOSS_MS);
    const losses = [...a.record.losses, ...b.record.losses];
    const [startsMs, endsMs] = [losses.map(({ startMs }) => startMs), losses.map(({ endMs }) => endMs)];
    expect(Math.max(...startsMs) - Math.min(...startsMs)).toBeLessThanOrEqual(LOSS_MS);
    expect(Math.max(...endsMs) - Math.min(...endsMs)).toBeLessThanOrEqual(LOSS_MS);
    expect(wordsAway(b, losses)).toEqual(wordsAway(a, losses));
  });

  it('counts each recording once', () => {
    for (const speaker of [0, 1]) {
      const totals = [
        real.records.stats.get(statsId(`oChaos${speaker}`, ALL_DAYS)),
        simulated.stored.stats.get(statsId(`o${speaker}`, ALL_DAYS)),
      ];
      for (const total of totals)
        expect(total).toMatchObject({ sessions: 1, completed: 1, durationMs: LENGTH_MS });
    }
  });
});
