import { expect, it } from 'vitest';
import { coldStartOf, problemsOf } from './report.ts';

it('of the starts the middle and one near the end are told', () => {
  const times = Array.from({ length: 20 }, (_, i) => (i + 1) * 10);
  expect(coldStartOf(times.toReversed())).toEqual({ runs: 20, p50Ms: 100, p95Ms: 190 });
  expect(coldStartOf([7])).toEqual({ runs: 1, p50Ms: 7, p95Ms: 7 });
});

it('a case that exceeds a limit is named', () => {
  const use = {
    seconds: 4,
    calls: 3,
    bytes: 30,
    mostCallsPerSecond: 1,
    mostBytesPerSecond: 10,
    largestBytes: 10,
  };
  const cases = [
    { name: '录音中', use, unseenCalls: 0 },
    { name: '退到后台', use, unseenCalls: 3 },
  ];
  expect(problemsOf(cases)).toEqual(['退到后台：看不见时调用了 3 次']);
});
