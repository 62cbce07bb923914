import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.ts';
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
