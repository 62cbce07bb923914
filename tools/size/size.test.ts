import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { BADGES, badgeOf } from './badge.ts';
import { type Measured, measureAll } from './measure.ts';

let all: Measured[];
beforeAll(async () => {
  all = await measureAll();
});

it('nothing that is published is larger than its limit', () => {
  for (const { name, size, limit } of all) {
    if (!limit) continue;
    expect(size.min, name).toBeLessThanOrEqual(limit.min);
    expect(size.gzip, name).toBeLessThanOrEqual(limit.gzip);
  }
  expect(all.filter(({ limit }) => limit).length).toBeGreaterThan(8);
});

it.each(BADGES)('the badge of $measured shows its size (npm run size -- --badges)', ({ file, measured }) => {
  expect(readFileSync(file, 'utf8')).toBe(badgeOf(all, measured));
});
