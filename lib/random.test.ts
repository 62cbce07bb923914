import { expect, test } from 'vitest';
import { Random, seededRandom } from './random.ts';

const take = (n: number, next: () => number): number[] => Array.from({ length: n }, next);

test('a seed gives the numbers of mulberry32', () => {
  expect(take(3, seededRandom(1))).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
});

test('a fork depends on its name alone, not on what was drawn before', () => {
  const drawn = new Random('seed');
  take(5, drawn.next);
  expect(take(3, drawn.fork('a').next)).toEqual(take(3, new Random('seed').fork('a').next));
  expect(drawn.fork('a').next()).not.toBe(drawn.fork('b').next());
});

test('whole numbers cover their range, both ends included', () => {
  const random = new Random('range');
  const seen = new Set(take(200, () => random.int(3, 6)));
  expect([...seen].sort()).toEqual([3, 4, 5, 6]);
  expect(new Set(take(200, () => random.pick([1, 2])))).toEqual(new Set([1, 2]));
});

test('chance is as likely as it says', () => {
  const random = new Random('chance');
  const hits = take(2_000, () => (random.chance(0.25) ? 1 : 0)).reduce((sum, hit) => sum + hit, 0);
  expect(hits).toBeGreaterThan(430);
  expect(hits).toBeLessThan(570);
});
