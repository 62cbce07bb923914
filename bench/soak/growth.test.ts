import { describe, expect, test } from 'vitest';
import { contentOf } from './census.ts';
import { growthOf, leftOf, slopeOf } from './growth.ts';
import { LONG_SESSION, lasting, MANY_STREAMS } from './soak.ts';

const SLACK = { least: 20, share: 0.05 };
const growth = (...counts: [number, number, number]): string[] => {
  const [a, b, c] = counts.map((count) => ({ 'class Thing': count }));
  return growthOf([a, b, c] as never, SLACK).map(({ what }) => what);
};

describe('what grows with time', () => {
  test.each([
    ['as much in each quarter', [100, 150, 250], true],
    ['from nothing', [15, 30, 60], true],
    ['loaded once and late', [0, 100, 105], false],
    ['only at the end', [100, 100, 200], false],
    ['a little, from moment to moment', [100, 111, 131], false],
    ['little of much', [1_000, 1_030, 1_070], false],
  ] as const)('%s', (_, counts, grows) => {
    expect(growth(...(counts as [number, number, number]))).toEqual(grows ? ['class Thing'] : []);
  });
});

test('how many different durations timers have is not counted, timers are', () => {
  const [a, b, c] = [11, 111, 134].map((count) => ({ 'class TimersList': count, 计时器: count }));
  expect(growthOf([a, b, c] as never, SLACK).map(({ what }) => what)).toEqual(['计时器']);
});

describe('what is left when all streams have gone', () => {
  const left = (what: string, before: number, during: number, after: number): number =>
    leftOf({ [what]: before }, { [what]: during }, { [what]: after }, 10).length;

  test.each([
    ['most of what came with them', 'class Session', 0, 10, 10, 1],
    ['a few', 'class Socket', 3, 23, 6, 0],
    ['timers', '计时器', 1, 41, 31, 1],
    ['less than one for each', 'class Cache', 0, 9, 9, 0],
    ['functions, which are made once', 'function handle', 0, 10, 10, 0],
  ] as const)('%s', (_, what, before, during, after, count) => {
    expect(left(what, before, during, after)).toBe(count);
  });
});

test('the slope is that of the nearest line', () => {
  expect(slopeOf([0, 1, 2, 3].map((x) => ({ x, y: 5 + 2 * x })))).toBe(2);
  expect(slopeOf([{ x: 1, y: 7 }])).toBe(0);
});

test('objects are counted by class, functions by name, everything by its size', () => {
  const meta = {
    node_fields: ['type', 'name', 'id', 'self_size'],
    node_types: [['hidden', 'object', 'closure', 'string']] as [string[]],
  };
  const nodes = [1, 0, 1, 16, 1, 0, 3, 16, 2, 1, 5, 32, 3, 0, 7, 8];
  expect(contentOf({ snapshot: { meta }, nodes, strings: ['Socket', 'close'] })).toEqual({
    census: { 'class Socket': 2, 'function close': 1 },
    bytes: 72,
  });
});

test('a shorter run has shorter sessions: the longest of them ends before anything is counted', () => {
  const FIRST_COUNT = 0.25;
  const LONGEST_SESSION = 1.5;
  for (const minutes of [3, 4, 30]) {
    const { audioMs, sessionMs } = lasting(MANY_STREAMS, minutes * 60_000);
    expect(audioMs).toBe(minutes * 60_000);
    expect((sessionMs as number) * LONGEST_SESSION).toBeLessThan(audioMs * FIRST_COUNT);
  }
  expect(lasting(LONG_SESSION, 60_000).sessionMs).toBeNull();
});
