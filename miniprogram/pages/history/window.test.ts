import { describe, expect, test } from 'vitest';
import { DAY_KIND, kindOf, ListWindow, WINDOW_ITEMS } from './window.ts';

const ROW = kindOf(0, false);
const ROW_PX = 100;
const VIEW = { listTopPx: 200, viewportPx: 700 };

/** A list of so many rows of 100 px, whose upper edge is 200 px from the page's. */
function listOf(count: number): ListWindow {
  const list = new ListWindow();
  list.setItems(Array.from({ length: count }, () => ROW));
  list.measured({ heights: new Map([[ROW, ROW_PX]]), ...VIEW });
  return list;
}

/** Whether every row that is on the screen at this position is in the window. */
function isCovered(list: ListWindow, scrollTop: number, count: number): boolean {
  const first = Math.max(0, Math.floor((scrollTop - VIEW.listTopPx) / ROW_PX));
  const last = Math.min(count - 1, Math.floor((scrollTop - VIEW.listTopPx + VIEW.viewportPx) / ROW_PX));
  return list.from <= first && last < list.to;
}

describe('10,000 rows', () => {
  const COUNT = 10_000;

  test('are shown by a bounded number of rows, which cover the screen wherever it is', () => {
    const list = listOf(COUNT);
    for (let top = 0; top <= COUNT * ROW_PX; top += 370) {
      list.scrolled(top);
      expect(list.to - list.from).toBeLessThanOrEqual(WINDOW_ITEMS);
      expect(isCovered(list, top, COUNT)).toBe(true);
    }
  });

  test('are as high as all of them, whichever are in the view', () => {
    const list = listOf(COUNT);
    for (const top of [0, 5_000, 500_000, 999_000, 20_000, 0]) {
      list.scrolled(top);
      expect(list.beforePx + (list.to - list.from) * ROW_PX + list.behindPx).toBe(COUNT * ROW_PX);
    }
  });

  test('move the window once in many rows', () => {
    const list = listOf(COUNT);
    let moves = 0;
    for (let top = 0; top < 1_000 * ROW_PX; top += ROW_PX) if (list.scrolled(top)) moves += 1;
    expect(moves).toBeGreaterThan(20);
    expect(moves).toBeLessThan(120);
  });
});

test('the same position has the same rows again, from whichever side it is reached', () => {
  const list = listOf(500);
  list.scrolled(10_000);
  const first = list.beforePx;
  list.scrolled(40_000);
  list.scrolled(10_000);
  expect(isCovered(list, 10_000, 500)).toBe(true);
  expect(list.beforePx % ROW_PX).toBe(0);
  expect(first % ROW_PX).toBe(0);
});

test('a list that fits is there whole, without empty areas', () => {
  const list = listOf(12);
  list.scrolled(900);
  expect([list.from, list.to, list.beforePx, list.behindPx]).toEqual([0, 12, 0, 0]);
});

test('a list that got shorter is shown from where it ends', () => {
  const list = listOf(500);
  list.scrolled(45_000);
  list.setItems(Array.from({ length: 60 }, () => ROW));
  expect(list.to).toBe(60);
  expect(list.to - list.from).toBe(WINDOW_ITEMS);
  list.setItems([]);
  expect([list.from, list.to]).toEqual([0, 0]);
});

test('each kind has the height that was measured; before that, an estimate that grows with what is in it', () => {
  const list = new ListWindow();
  const kinds = [DAY_KIND, kindOf(0, false), kindOf(0, true), kindOf(3, true)];
  list.setItems(Array.from({ length: 400 }, (_, at) => kinds[at % kinds.length] as string));
  const estimated = list.behindPx;
  expect(estimated).toBeGreaterThan(0);
  const heights = new Map(kinds.map((kind, at) => [kind, (at + 1) * 50]));
  expect(list.measured({ heights, ...VIEW })).toBe(true);
  expect(list.measured({ heights, ...VIEW })).toBe(false);
  // 4 kinds of 50 + 100 + 150 + 200 px, 100 times, less the 48 items in the view
  expect(list.behindPx).toBe(100 * 500 - 12 * 500);
});

test('what is not in the view was not measured: a height of 0 changes nothing', () => {
  const list = listOf(100);
  expect(list.measured({ heights: new Map([[ROW, 0]]), ...VIEW })).toBe(false);
});
