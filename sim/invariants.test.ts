import { afterEach, describe, expect, it } from 'vitest';
import { aSession } from '../container/testing/store-contract.ts';
import { CLIENT_RING_MS } from '../contract/limits.ts';
import { PAGES, SESSIONS, type SessionRecord } from '../contract/records.ts';
import type { SimDatabase } from './database.ts';
import { DatabaseDemand } from './database-demand.ts';
import { forbidRealTime } from './forbidden.ts';
import type { Instance } from './instance.ts';
import { Invariants } from './invariants.ts';
import { LeaseWatch } from './lease-watch.ts';
import type { SimRecogniser } from './recogniser.ts';
import type { Scheduler } from './scheduler.ts';

const sentence = (text: string) => ({ text, startMs: 0, endMs: 900 });
const SESSION = aSession({
  epoch: 3,
  writeSeq: 7,
  committedPos: 16_000,
  nextIndex: 2,
  sentenceCount: 2,
  sentences: { 0: sentence('今天'), 1: sentence('开会') },
});

/** The rules that a change of the record breaks. */
function brokenBy(change: Partial<SessionRecord>, before: Partial<SessionRecord> = {}): string[] {
  const invariants = new Invariants(
    () => ({}) as SimDatabase,
    () => 0,
  );
  const was = { ...SESSION, ...before };
  invariants.changed(SESSIONS, was, { ...was, ...change });
  return invariants.violations.map(({ rule }) => rule);
}

describe('a change of a record', () => {
  it('as the product makes it breaks no rule', () => {
    const next = { nextIndex: 3, sentenceCount: 3, sentences: { ...SESSION.sentences, 2: sentence('测试') } };
    expect(brokenBy({ writeSeq: 8, committedPos: 32_000, ...next })).toEqual([]);
    const edited = { 0: { ...sentence('今天'), editedText: '明天' }, 1: sentence('开会') };
    expect(brokenBy({ sentences: edited })).toEqual([]);
  });

  it.each<[string, Partial<SessionRecord>, Partial<SessionRecord>?]>([
    ['epochs only rise', { epoch: 2 }],
    ['write numbers only rise', { writeSeq: 6 }],
    ['write n follows write n − 1 of the same owner', { writeSeq: 9 }],
    ['write n follows write n − 1 of the same owner', { writeSeq: 8, epoch: 4 }],
    ['stored positions never go back', { committedPos: 15_999 }],
    ['stored indexes never go back', { nextIndex: 1 }],
    ['sentences are never fewer', { sentenceCount: 1 }],
    ['a stored sentence stays as it is', { sentences: { 0: sentence('明天'), 1: sentence('开会') } }],
    [
      'no sentence comes again',
      { sentences: { 0: sentence('今天'), 1: sentence('开会') } },
      { sentences: {} },
    ],
    ['nothing is written to what is deleted or has ended', { writeSeq: 8 }, { deletedAt: new Date(0) }],
    ['nothing is written to what is deleted or has ended', { writeSeq: 8 }, { state: 'interrupted' }],
    ['what is completed stays completed', { state: 'live' }, { state: 'completed' }],
    ['a record stays with its owner', { _openid: 'oOther' }],
  ])('%s', (rule, change, before) => {
    expect(brokenBy(change, before)).toContain(rule);
  });

  it('of a page changes none of its sentences', () => {
    const invariants = new Invariants(
      () => ({}) as SimDatabase,
      () => 0,
    );
    const page = {
      _id: 'p',
      _openid: 'o',
      sessionId: 's',
      firstIndex: 0,
      count: 1,
      sentences: { 0: sentence('今天') },
    };
    invariants.changed(PAGES, page, { ...page, sentences: { 0: sentence('明天') } });
    expect(invariants.violations[0]?.rule).toBe('a stored sentence stays as it is');
  });
});

describe('what a client is told', () => {
  const toldOf = (openid: string, event: string, payload: object): string[] => {
    const database = { read: () => SESSION } as unknown as SimDatabase;
    const invariants = new Invariants(
      () => database,
      () => 0,
    );
    invariants.told(openid, event, { sessionId: SESSION._id, ...payload });
    return invariants.violations.map(({ rule }) => rule);
  };

  it('may be of what its owner has deleted since, while the recording makes a new record', () => {
    const begunAnew = { ...SESSION, epoch: SESSION.epoch + 1_000, committedPos: 0, nextIndex: 0 };
    const invariants = new Invariants(
      () => ({ read: () => begunAnew }) as unknown as SimDatabase,
      () => 0,
    );
    const deleted = { ...SESSION, epoch: SESSION.epoch + 1, deletedAt: new Date(0) };
    invariants.changed(SESSIONS, SESSION, deleted);
    invariants.changed(SESSIONS, deleted, undefined);
    const brokenBy = (committedPos: number, settledIndex: number, epoch: number): string[] => {
      invariants.violations.length = 0;
      const payload = { sessionId: SESSION._id, committedPos, settledIndex };
      invariants.told(SESSION._openid, 'progress', payload, epoch);
      return invariants.violations.map(({ rule }) => rule);
    };
    const both = ['what a client may forget is stored', 'what counts as settled is stored'];
    const { committedPos, nextIndex, epoch } = SESSION;
    expect(brokenBy(committedPos, nextIndex - 1, epoch)).toEqual([]);
    expect(brokenBy(committedPos + 1, nextIndex, epoch)).toEqual(both);
    // the owner of the new one may say nothing of what was deleted
    expect(brokenBy(committedPos, nextIndex - 1, begunAnew.epoch)).toEqual(both);
  });

  it('is of its own records, and what it may forget is stored', () => {
    expect(toldOf(SESSION._openid, 'progress', { committedPos: 16_000, settledIndex: 1 })).toEqual([]);
    expect(toldOf('oOther', 'result', {})).toEqual(['people see their own records only']);
    expect(toldOf(SESSION._openid, 'progress', { committedPos: 16_001, settledIndex: 1 })).toEqual([
      'what a client may forget is stored',
    ]);
    expect(toldOf(SESSION._openid, 'progress', { committedPos: 0, settledIndex: 2 })).toEqual([
      'what counts as settled is stored',
    ]);
  });
});

it('a phone keeps audio within its bound, and a connection begins with start', () => {
  const invariants = new Invariants(
    () => ({}) as SimDatabase,
    () => 0,
  );
  invariants.phoneKeeps(CLIENT_RING_MS);
  invariants.begun('start');
  expect(invariants.violations).toEqual([]);
  invariants.phoneKeeps(2 * CLIENT_RING_MS);
  invariants.begun('audio');
  expect(invariants.violations).toHaveLength(2);
});

describe('what the instances ask of the database', () => {
  it('is heartbeats, silence and what clients ask for', () => {
    const demand = new DatabaseDemand(() => 0);
    demand.sessions(60 * 60_000);
    for (let i = 0; i < 60 * 9; i++) demand.asked(false);
    expect(demand.excess).toEqual([]);
    for (let i = 0; i < 60; i++) demand.asked(false);
    expect(demand.excess).toHaveLength(1);
    for (let i = 0; i < 10; i++) demand.asked(true);
    expect(demand.excess).toEqual([]);
  });

  it('is more for each sentence, once', () => {
    const demand = new DatabaseDemand(() => 0);
    for (let i = 0; i < 25; i++) demand.asked(false);
    expect(demand.excess).toHaveLength(1);
    for (let i = 0; i < 8; i++) demand.told('result', { sessionId: 's', index: 0, final: true });
    expect(demand.excess).toHaveLength(1);
    for (let index = 1; index < 8; index++) demand.told('result', { sessionId: 's', index, final: true });
    expect(demand.excess).toEqual([]);
  });

  it('is more for what is heard within a sentence, every three seconds', () => {
    let nowMs = 10_000;
    const demand = new DatabaseDemand(() => nowMs);
    for (let i = 0; i < 11; i++) demand.asked(false);
    const interim = { sessionId: 's', index: 0, final: false };
    for (let i = 0; i < 9; i++) demand.told('result', interim);
    expect(demand.excess).toHaveLength(1);
    nowMs += 3_000;
    demand.told('result', interim);
    expect(demand.excess).toEqual([]);
  });
});

describe('what the instances ask for their leases', () => {
  it('is two requests a second at most', () => {
    const demand = new DatabaseDemand(() => 0);
    demand.instances(60_000);
    for (let i = 0; i < 240; i++) demand.askedForLease();
    expect(demand.excess).toEqual([]);
    demand.askedForLease();
    expect(demand.excess).toHaveLength(1);
  });
});

describe('streams that instances share', () => {
  interface Seen {
    state?: string;
    granted?: number;
    used?: number;
    pausedUntilMs?: number;
  }
  const HELD = { state: 'held', granted: 1, used: 1, pausedUntilMs: 0 };

  /** The rules that are broken where there are two streams, the instances hold these, and so many are open. */
  function brokenWith(seen: Seen[], listening: number): string[] {
    const broken: string[] = [];
    const instances = seen.map((one) => {
      const { state, granted, used, pausedUntilMs } = { ...HELD, ...one };
      return {
        leases: { state, slots: { granted, used } },
        party: { wasPausedSince: (atMs: number) => pausedUntilMs > atMs },
      };
    });
    new LeaseWatch({
      scheduler: { nowMs: 60_000 } as Scheduler,
      streams: 2,
      recogniser: () => ({ listening }) as SimRecogniser,
      instances: () => instances as unknown as Instance[],
      broken: (rule) => broken.push(rule),
    }).check();
    return broken;
  }

  it('are held and opened no more often than there are', () => {
    expect(brokenWith([{}, {}], 2)).toEqual([]);
    expect(brokenWith([{}, { granted: 2 }], 2)).toEqual(['instances hold no more streams than there are']);
    expect(brokenWith([{}, {}], 3)).toEqual(['instances open no more streams than there are']);
  });

  it.each<[string, Seen]>([
    ['has lost its lease', { state: 'lost' }],
    ['has more open than it was granted', { used: 2 }],
    ['has stood still', { pausedUntilMs: 50_000 }],
  ])('may be too many while an instance %s', (_, seen) => {
    expect(brokenWith([{ granted: 3 }, seen], 5)).toEqual([]);
  });
});

describe('during a run', () => {
  let allow = () => {};
  afterEach(() => allow());

  it('real time, real timers and random numbers throw, and dates with a time do not', () => {
    allow = forbidRealTime();
    const caught = [
      () => Date.now(),
      () => new Date(),
      () => Math.random(),
      () => performance.now(),
      () => setTimeout(() => {}, 0),
      () => crypto.randomUUID(),
      () => fetch('http://localhost'),
    ].map((leak) => {
      try {
        leak();
        return 'allowed';
      } catch {
        return 'thrown';
      }
    });
    const date = new Date(5);
    const isDate = structuredClone(date) instanceof Date;
    allow();
    expect(caught).toEqual(Array(7).fill('thrown'));
    expect(date.getTime()).toBe(5);
    expect(isDate).toBe(true);
    expect(Date.now()).toBeGreaterThan(0);
  });
});
