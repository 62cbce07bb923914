import { describe, expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { DayCounts } from '../../../contract/functions.ts';
import { type DrawingContext, drawBars, placeBars } from './bars.ts';
import { StatsModel, type StatsView } from './model.ts';

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

describe('the bars', () => {
  const bars = (values: number[]) =>
    values.map((value, i) => ({ label: `3/${i}`, value, text: value ? String(value) : '' }));
  const size = { width: 300, height: 180 };

  test('are as high as their share, inside the canvas, and a used day is never invisible', () => {
    const placed = placeBars(bars([0, 1, 500, 1_000]), size);
    expect(placed.map((bar) => bar.height > 0)).toEqual([false, true, true, true]);
    expect(placed[1]?.height).toBeGreaterThanOrEqual(3);
    expect((placed[3]?.height ?? 0) / (placed[2]?.height ?? 1)).toBeCloseTo(2);
    for (const bar of placed) {
      expect(bar.y).toBeGreaterThanOrEqual(20);
      expect(bar.y + bar.height).toBeLessThan(size.height);
    }
  });

  test('seven are all labelled; of thirty as many as have room, the newest among them', () => {
    expect(placeBars(bars([1, 2, 3, 4, 5, 6, 7]), size).every((bar) => bar.labelled && bar.valued)).toBe(
      true,
    );
    const many = placeBars(bars(Array.from({ length: 30 }, (_, i) => i)), size);
    expect(many.filter((bar) => bar.labelled).length).toBeLessThanOrEqual(8);
    expect(many.at(-1)?.labelled).toBe(true);
    expect(many.filter((bar) => bar.valued)).toHaveLength(1);
  });

  test('only zeros draw labels and no bar', () => {
    expect(placeBars(bars([0, 0]), size).every((bar) => bar.height === 0)).toBe(true);
    expect(placeBars([], size)).toEqual([]);
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
    drawBars(context, bars([1, 2, 3, 4, 5, 6, 7]), size, { bar: 'b', track: 't', label: 'l', value: 'v' });
    expect(written.length).toBe(14);
    for (const { x } of written) {
      expect(x).toBeGreaterThanOrEqual(40);
      expect(x).toBeLessThanOrEqual(260);
    }
  });
});
