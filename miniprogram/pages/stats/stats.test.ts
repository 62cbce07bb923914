import { describe, expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { DayCounts } from '../../../contract/functions.ts';
import { type DrawingContext, drawBars, fontSizePx, placeBars } from './bars.ts';
import { formatBar, StatsModel, type StatsView } from './model.ts';

/** 2026-03-10, 01:00 in Shanghai: still the 9th in UTC. */
const NOW = Date.parse('2026-03-09T17:00:00Z');
const counts = (sessions: number) => ({
  sessions,
  completed: sessions,
  interrupted: 0,
  oneshot: 0,
  sentences: sessions * 3,
  chars: sessions * 5_000,
  durationMs: sessions * 65_000,
});
const days = (n: number): DayCounts[] =>
  Array.from({ length: n }, (_, i) => ({
    day: `2026-02-${String(i + 1).padStart(2, '0')}`,
    ...counts(i % 3),
  }));

function rig(answers: Record<string, unknown>) {
  const asked: [string, object][] = [];
  const stats = async (action: string, request: object): Promise<unknown> => {
    asked.push([action, request]);
    const answer = answers[action];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  let view: StatsView | undefined;
  const model = new StatsModel(
    { stats } as never,
    () => NOW,
    (next) => (view = next),
  );
  return { model, asked, answers, view: () => view as StatsView };
}
const full = () => ({
  today: { today: { day: '2026-03-10', ...counts(2) } },
  totals: { totals: counts(3) },
  range: { days: days(30) },
});

describe('the numbers', () => {
  test('30 days up to today in Shanghai are asked for once and serve both spans', async () => {
    const { model, asked, view } = rig(full());
    await model.refresh();
    expect(asked).toContainEqual(['range', { from: '2026-02-09', to: '2026-03-10' }]);
    expect(view().bars).toHaveLength(7);
    model.show(30, 'chars');
    expect(view().bars).toHaveLength(30);
    expect(asked).toHaveLength(3);
  });

  test('are in words that people use', async () => {
    const { model, view } = rig(full());
    await model.refresh();
    expect(view().today).toEqual([
      { name: '次数', value: '2' },
      { name: '时长', value: '2 分 10 秒' },
      { name: '字数', value: '1万' },
      { name: '句数', value: '6' },
    ]);
    expect(view().summary).toContain('近 7 天共');
  });

  test('a failure keeps what was shown and says what is wrong; nothing counted is not a failure', async () => {
    const { model, view, answers } = rig(full());
    await model.refresh();
    answers.totals = new VoiceError('STORE_UNAVAILABLE');
    await model.refresh();
    expect(view().problem).not.toBeNull();
    expect(view().today).toHaveLength(4);
    const none = rig({ ...full(), totals: { totals: counts(0) } });
    await none.model.refresh();
    expect(none.view()).toMatchObject({ empty: true, problem: null });
  });
});

test.each([
  ['durationMs', 45_900, '45秒'],
  ['durationMs', 22 * 60_000 + 59_000, '22分'],
  ['durationMs', 3_600_000, '1时'],
  ['durationMs', 39.56 * 3_600_000, '39.5时'],
  ['sessions', 128, '128'],
  ['chars', 12_345, '1.2万'],
] as const)('above a bar, %s of %d is short: %s', (metric, value, text) => {
  expect(formatBar(metric, value)).toBe(text);
});

describe('the bars', () => {
  const bars = (values: number[]) =>
    values.map((value, i) => ({ label: `3/${i}`, value, text: value ? String(value) : '' }));
  const size = { width: 300, height: 180 };
  const lettering = (sizePx: number) => ({ sizePx, widthOf: (text: string) => text.length * sizePx * 0.6 });
  const place = (values: number[], sizePx = 11) => placeBars(bars(values), size, lettering(sizePx));

  test('are as high as their share, inside the canvas, and a used day is never invisible', () => {
    const placed = place([0, 1, 500, 1_000]);
    expect(placed.map((bar) => bar.height > 0)).toEqual([false, true, true, true]);
    expect(placed[1]?.height).toBeGreaterThanOrEqual(3);
    expect((placed[3]?.height ?? 0) / (placed[2]?.height ?? 1)).toBeCloseTo(2);
    for (const bar of placed) {
      expect(bar.y).toBeGreaterThanOrEqual(20);
      expect(bar.y + bar.height).toBeLessThan(size.height);
    }
  });

  test('seven are all labelled; of thirty as many as have room, the newest among them', () => {
    expect(place([1, 2, 3, 4, 5, 6, 7]).every((bar) => bar.labelX !== null && bar.textX !== null)).toBe(true);
    const many = place(Array.from({ length: 30 }, (_, i) => i));
    expect(many.filter((bar) => bar.labelX !== null).length).toBeLessThanOrEqual(8);
    expect(many.at(-1)?.labelX).not.toBeNull();
    expect(many.filter((bar) => bar.textX !== null)).toHaveLength(1);
  });

  test('of larger text, less is written', () => {
    const large = place([1, 2, 3, 4, 5, 6, 7], 30);
    expect(large.map(({ labelX }) => labelX !== null)).toEqual([true, false, true, false, true, false, true]);
    expect(fontSizePx(180, 1.4)).toBeCloseTo(15.4);
    expect(fontSizePx(360, 1)).toBe(22);
  });

  test('a value that would stand on a higher bar or on another value is left out, never the highest', () => {
    const wide = (values: number[]) =>
      placeBars(
        bars(values).map((bar) => ({ ...bar, text: `${bar.value} 小时 9 分` })),
        size,
        lettering(11),
      ).map(({ textX }) => textX !== null);
    expect(wide([5, 100, 5, 5, 5, 5, 5])).toEqual([false, true, true, false, true, false, false]);
    expect(wide([50, 50])).toEqual([true, true]);
  });

  test('only zeros draw labels and no bar', () => {
    expect(place([0, 0]).every((bar) => bar.height === 0)).toBe(true);
    expect(place([])).toEqual([]);
  });

  test('text at the edge is moved inside', () => {
    const written: { text: string; x: number }[] = [];
    const context = {
      clearRect() {},
      fillRect() {},
      beginPath() {},
      arc() {},
      lineTo() {},
      closePath() {},
      fill() {},
      measureText: () => ({ width: 80 }),
      fillText: (text: string, x: number) => written.push({ text, x }),
      fillStyle: '',
      font: '',
      textAlign: 'left',
    } as unknown as DrawingContext;
    drawBars(context, bars([1, 2, 3, 4, 5, 6, 7]), size, {
      colours: { bar: 'b', track: 't', label: 'l', value: 'v' },
      scale: 1,
    });
    expect(written.map(({ text }) => text)).toEqual(expect.arrayContaining(['3/0', '3/3', '3/6', '7']));
    for (const { x } of written) {
      expect(x).toBeGreaterThanOrEqual(40);
      expect(x).toBeLessThanOrEqual(260);
    }
  });
});
