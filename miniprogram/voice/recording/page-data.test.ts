import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { jsonBytes, MAX_CALL_BYTES, PageData, SEND_EVERY_MS } from './page-data.ts';

interface Row {
  key: string;
  text: string;
}
interface Data {
  rows: Row[];
  title: string;
  level: number;
}
const rowsOf = (count: number, chars = 60): Row[] =>
  Array.from({ length: count }, (_, i) => ({ key: `line-${i}`, text: `第 ${i} 句`.padEnd(chars, '字') }));

/** The view applies each patch as WeChat does: a path sets one item, and only at the end of a list it adds one. */
function rig() {
  const clock = new FakeClock();
  const calls: Record<string, unknown>[] = [];
  const shown: Record<string, unknown> = { rows: [], title: '', level: 0 };
  const data = new PageData<Data>(
    (patch) => {
      calls.push(patch);
      for (const [path, value] of Object.entries(patch)) {
        const item = /^(\w+)\[(\d+)\]$/.exec(path);
        if (!item) shown[path] = Array.isArray(value) ? [...value] : value;
        else {
          const list = shown[item[1] ?? ''] as unknown[];
          expect(Number(item[2])).toBeLessThanOrEqual(list.length);
          list[Number(item[2])] = value;
        }
      }
    },
    clock,
    { rows: [], title: '', level: 0 },
  );
  return { clock, calls, shown, data };
}
const largest = (calls: object[]): number => Math.max(...calls.map(jsonBytes));

test('bytes are those of the JSON in UTF-8', () => {
  for (const value of ['a', '字', '😀', 'é', { a: [1, '二', null] }, '\ud800'])
    expect(jsonBytes(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
});

describe('how often', () => {
  test('values that are set in one turn go in one call', async () => {
    const { clock, calls, data } = rig();
    data.set({ title: '甲' });
    data.set({ title: '乙', level: 1 });
    await clock.advance(0);
    expect(calls).toEqual([{ title: '乙', level: 1 }]);
    expect(data.get('title')).toBe('乙');
  });

  test('at most ten calls a second, and the last value arrives', async () => {
    const { clock, calls, shown, data } = rig();
    for (let i = 1; i <= 1_000; i++) {
      data.set({ level: i });
      await clock.advance(10);
    }
    await clock.advance(SEND_EVERY_MS);
    expect(calls.length).toBeLessThanOrEqual(100);
    expect(shown.level).toBe(1_000);
  });

  test('none while hidden; then what has changed meanwhile, once', async () => {
    const { clock, calls, shown, data } = rig();
    data.hide();
    for (let i = 1; i <= 100; i++) {
      data.set({ level: i, rows: rowsOf(i) });
      await clock.advance(100);
    }
    expect(calls).toEqual([]);
    data.show();
    await clock.advance(1_000);
    expect(shown).toMatchObject({ level: 100, rows: rowsOf(100) });
    expect(calls).toHaveLength(1);
  });

  test('nothing unchanged is sent, and no timer is left', async () => {
    const { clock, calls, data } = rig();
    data.set({ level: 0, rows: [], title: '' });
    await clock.advance(1_000);
    expect(calls).toEqual([]);
    data.set({ level: 5 });
    data.dispose();
    await clock.advance(1_000);
    expect([calls.length, clock.pending]).toEqual([0, 0]);
  });
});

/** Calls within the busiest second. */
const busiest = (times: readonly number[]): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));

describe('what goes first', () => {
  /** When each call was made, ms from the start, and what it had. */
  function timed() {
    const clock = new FakeClock();
    const startMs = clock.now();
    const times: number[] = [];
    const calls: Record<string, unknown>[] = [];
    const data = new PageData<Data>(
      (patch) => {
        times.push(clock.now() - startMs);
        calls.push(patch);
      },
      clock,
      { rows: [], title: '', level: 0 },
    );
    return { clock, times, calls, data };
  }

  test('does not wait for its turn after something else was drawn, and takes along what waits', async () => {
    const { clock, times, calls, data } = timed();
    data.set({ level: 1 });
    await clock.advance(10);
    data.set({ level: 2 });
    await clock.advance(10);
    data.setFirst({ title: '甲' });
    await clock.advance(1_000);
    expect(times).toEqual([0, 20]);
    expect(calls[1]).toEqual({ level: 2, title: '甲' });
  });

  test('what comes after it waits for the turn that it has used', async () => {
    const { clock, times, data } = timed();
    data.set({ level: 1 });
    await clock.advance(10);
    data.setFirst({ title: '甲' });
    await clock.advance(10);
    data.set({ level: 2 });
    await clock.advance(1_000);
    expect(times).toEqual([0, 10, 2 * SEND_EVERY_MS]);
  });

  test('beside a meter that changes all the time a text waits for nothing, four times a second', async () => {
    const { clock, times, data } = timed();
    const late: number[] = [];
    for (let ms = 0; ms < 10_000; ms += 10) {
      if (ms % 100 === 0) data.set({ level: ms });
      if (ms % 250 === 70) {
        data.setFirst({ title: `第 ${ms}` });
        await clock.advance(0);
        late.push(ms - (times.at(-1) as number));
      }
      await clock.advance(10);
    }
    expect(new Set(late)).toEqual(new Set([0]));
    expect(busiest(times)).toBeLessThanOrEqual(8);
  });

  test('at most eight calls in any second, however much goes first', async () => {
    const { clock, times, data } = timed();
    for (let i = 1; i <= 1_000; i++) {
      data.setFirst({ level: i });
      await clock.advance(7);
    }
    expect(busiest(times)).toBe(8);
  });

  test('a clock that is set back delays nothing for long', async () => {
    const time = new FakeClock();
    let backMs = 0;
    let calls = 0;
    const clock = { now: () => time.now() - backMs, after: time.after };
    const view = new PageData<Data>(() => calls++, clock, {});
    view.set({ level: 1 });
    await time.advance(10);
    backMs = 3_600_000;
    view.set({ level: 2 });
    await time.advance(2 * SEND_EVERY_MS);
    expect(calls).toBe(2);
  });
});

describe('how much', () => {
  test('one changed row of five thousand is one path', async () => {
    const { clock, calls, shown, data } = rig();
    const rows = rowsOf(5_000);
    data.set({ rows });
    await clock.advance(20_000);
    expect(shown.rows).toEqual(rows);
    expect(largest(calls)).toBeLessThanOrEqual(MAX_CALL_BYTES);
    calls.length = 0;
    const edited = rows.map((row, i) => (i === 1_234 ? { ...row, text: '改' } : row));
    data.set({ rows: edited });
    await clock.advance(1_000);
    expect(calls.map((call) => Object.keys(call))).toEqual([['rows[1234]']]);
  });

  test('a list that got shorter is replaced, in parts where it is long', async () => {
    const { clock, calls, shown, data } = rig();
    data.set({ rows: rowsOf(3_000) });
    await clock.advance(10_000);
    calls.length = 0;
    const next = rowsOf(2_000, 90);
    data.set({ rows: next, title: '短' });
    await clock.advance(10_000);
    expect(shown).toMatchObject({ rows: next, title: '短' });
    expect(largest(calls)).toBeLessThanOrEqual(MAX_CALL_BYTES);
  });

  test('an empty list clears the view', async () => {
    const { clock, shown, data } = rig();
    data.set({ rows: rowsOf(3) });
    await clock.advance(1_000);
    data.set({ rows: [] });
    await clock.advance(1_000);
    expect(shown.rows).toEqual([]);
  });
});
