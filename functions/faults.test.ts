import { afterEach, expect, test } from 'vitest';
import { DAILY_STATS, SESSIONS } from '../contract/records.ts';
import { aWav } from './shared/testing/audio.ts';
import { recognitionForTests } from './shared/testing/functions-gateway.ts';
import { A, aSentence, aSession } from './shared/testing/records.ts';

const { asr, gateway } = await recognitionForTests(['history', 'recognize', 'stats']);
afterEach(() => gateway.faults.clear());

const recognize = () =>
  gateway.as(A)('recognize', { sessionId: 'oneshot-1', audio: aWav().toString('base64') });
const stateOf = (id: string) => gateway.session(id)?.state;

test.each([
  ['answers nonsense', { effect: 'http-500' as const }],
  ['cuts the connection', { effect: 'refuse' as const }],
  ['refuses', { effect: 'error' as const, code: 'SYS_ERR' }],
])(
  'a database that %s is STORE_UNAVAILABLE, and the same instance works again afterwards',
  async (_, rule) => {
    gateway.faults.set({ rules: [{ match: 'database.*', ...rule }] });
    for (const [name, data] of [
      ['history', { action: 'list' }],
      ['history', { action: 'restore', sessionId: 'session-1' }],
      ['stats', { action: 'totals' }],
      ['recognize', { sessionId: 'oneshot-1', audio: aWav().toString('base64') }],
    ] as const) {
      expect(await gateway.as(A)(name, data)).toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true });
    }
    expect(asr.calls).toEqual([]);
    gateway.faults.clear();
    expect(await gateway.as(A)('history', { action: 'list' })).toEqual({
      items: [],
      cursor: null,
      pinned: [],
      tags: [],
    });
  },
);

test('a completion whose commit took effect but whose answer was lost is counted once', async () => {
  await gateway.seed(SESSIONS, [
    aSession('orphan-001', {
      state: 'live',
      counted: null,
      updatedAt: new Date(0),
      samples: 16_000,
      sentences: { 0: aSentence(0) },
    }),
  ]);
  gateway.faults.set({ rules: [{ match: 'database.commitTransaction', effect: 'lose-answer', times: 1 }] });
  await gateway.as(A)('history', { action: 'list' });
  expect(stateOf('orphan-001')).toBe('interrupted');
  expect(gateway.dump(DAILY_STATS)).toMatchObject([{ sessions: 1 }, { sessions: 1 }]);
});

test('an answer of the recogniser whose commit is answered too late is stored and counted once', async () => {
  gateway.faults.set({ rules: [{ match: 'database.commitTransaction', effect: 'lose-answer', times: 1 }] });
  expect(await recognize()).toHaveProperty('text');
  expect(stateOf('oneshot-1')).toBe('completed');
  expect(gateway.dump(DAILY_STATS)).toMatchObject([{ oneshot: 1 }, { oneshot: 1 }]);
});

test('a reservation whose answer was lost does not keep the caller from trying again', async () => {
  gateway.faults.set({ rules: [{ match: 'database.insertDocument', effect: 'lose-answer', times: 1 }] });
  expect(await recognize()).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(asr.calls).toEqual([]);
  expect(await recognize()).toHaveProperty('text');
});

test('twelve sessions of one user that end at once are all counted, despite their conflicts', async () => {
  const ids = Array.from({ length: 12 }, (_, i) => `orphan-${String(i).padStart(3, '0')}`);
  await gateway.seed(
    SESSIONS,
    ids.map((id) => aSession(id, { state: 'live', counted: null, updatedAt: new Date(0), samples: 16_000 })),
  );
  const answers = await Promise.all(
    ids.map((sessionId) => gateway.as(A)('history', { action: 'get', sessionId })),
  );
  await gateway.timer('history', 'purge').catch(() => undefined);
  for (const answer of answers) expect(answer).not.toHaveProperty('code');
  const { totals } = await gateway.as(A)('stats', { action: 'totals' });
  const ended = ids.filter((id) => stateOf(id) === 'interrupted');
  expect(totals).toMatchObject({ sessions: ended.length, durationMs: ended.length * 1_000 });
  expect(ended).toHaveLength(12);
});
