import { expect, test } from 'vitest';
import { addDays, shanghaiDay } from '../../contract/day.ts';
import type { StatsAnswers } from '../../contract/functions.ts';
import { DAILY_STATS, SESSIONS, type StatsRecord, statsId } from '../../contract/records.ts';
import { NEW_RECORD } from '../../records/schema-version.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aSession, B } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['stats']);

const stats = (data: object) => gateway.as(A)('stats', data);
const ZEROS = {
  sessions: 0,
  completed: 0,
  interrupted: 0,
  oneshot: 0,
  sentences: 0,
  chars: 0,
  durationMs: 0,
};
const aDay = (openid: string, day: string, sessions: number): StatsRecord => ({
  ...NEW_RECORD,
  ...ZEROS,
  _id: statsId(openid, day),
  _openid: openid,
  day,
  sessions,
  completed: sessions,
  updatedAt: new Date(),
});

test('a user without sessions has zeros, and every day of a range is there', async () => {
  expect(await stats({ action: 'today' })).toEqual({ today: { day: shanghaiDay(Date.now()), ...ZEROS } });
  expect(await stats({ action: 'totals' })).toEqual({ totals: ZEROS });
  expect(await stats({ action: 'range', from: '2026-02-27', to: '2026-03-02' })).toEqual({
    days: ['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02'].map((day) => ({ day, ...ZEROS })),
  });
});

test("a range holds the caller's days and nobody else's, and not the total", async () => {
  await gateway.seed(DAILY_STATS, [
    aDay(A, '2026-03-01', 1),
    aDay(A, '2026-03-03', 3),
    aDay(A, '2026-03-04', 4),
    aDay(A, 'total', 8),
    aDay(B, '2026-03-02', 9),
  ]);
  const { days }: StatsAnswers['range'] = await stats({
    action: 'range',
    from: '2026-03-01',
    to: '2026-03-03',
  });
  expect(days.map(({ sessions }) => sessions)).toEqual([1, 0, 3]);
  expect(await stats({ action: 'totals' })).toEqual({ totals: { ...ZEROS, sessions: 8, completed: 8 } });
});

test('a range is at most 366 days, forwards, of days that exist', async () => {
  const from = '2027-01-01';
  const { days } = await stats({ action: 'range', from, to: addDays(from, 365) });
  expect(days).toHaveLength(366);
  const wrong = [
    { from, to: addDays(from, 366) },
    { from: '2026-03-02', to: '2026-03-01' },
    { from: '2026-02-30', to: '2026-03-01' },
    { from: '2026-2-3', to: '2026-03-01' },
    { from: { $gt: '' }, to: '2026-03-01' },
  ];
  for (const range of wrong) {
    expect(await stats({ action: 'range', ...range })).toMatchObject({ code: 'BAD_REQUEST' });
  }
});

test('documents read grow with the days asked for, not with sessions', async () => {
  const day = (back: number) => addDays(shanghaiDay(Date.now()), -back);
  await gateway.seed(
    DAILY_STATS,
    Array.from({ length: 300 }, (_, back) => aDay(A, day(back), 5)),
  );
  await gateway.seed(DAILY_STATS, [aDay(A, 'total', 1_500)]);
  await gateway.seed(
    SESSIONS,
    Array.from({ length: 2_000 }, (_, i) => aSession(`session-${i}`)),
  );
  expect(await gateway.documentsRead(() => stats({ action: 'today' }))).toBeLessThanOrEqual(1);
  expect(await gateway.documentsRead(() => stats({ action: 'totals' }))).toBeLessThanOrEqual(1);
  const month = await gateway.documentsRead(() => stats({ action: 'range', from: day(29), to: day(0) }));
  expect(month).toBeLessThanOrEqual(31);
});

test('sessions on both sides of midnight in Shanghai count in the day in which they began', async () => {
  const orphan = (id: string, startedAt: string) =>
    aSession(id, {
      state: 'live',
      counted: null,
      startedAt: new Date(startedAt),
      samples: 16_000,
    });
  await gateway.seed(SESSIONS, [
    orphan('before-midnight', '2026-11-19T15:59:59.999Z'),
    orphan('after-midnight', '2026-11-19T16:00:00.000Z'),
    orphan('late-that-day', '2026-11-20T15:59:59.999Z'),
  ]);
  const { days }: StatsAnswers['range'] = await stats({
    action: 'range',
    from: '2026-11-19',
    to: '2026-11-21',
  });
  expect(days.map(({ day, interrupted, durationMs }) => [day, interrupted, durationMs])).toEqual([
    ['2026-11-19', 1, 1_000],
    ['2026-11-20', 2, 2_000],
    ['2026-11-21', 0, 0],
  ]);
  expect((await stats({ action: 'totals' })).totals).toMatchObject({ sessions: 3, interrupted: 3 });
});
