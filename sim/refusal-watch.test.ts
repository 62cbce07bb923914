import { expect, it } from 'vitest';
import { RefusalWatch } from './refusal-watch.ts';

const BUSY = { error: { code: 'BUSY' } };

function watch(answers: readonly [atMs: number, answer: object][]): string[] {
  let nowMs = 0;
  const broken: string[] = [];
  const refusals = new RefusalWatch(
    () => nowMs,
    (rule) => broken.push(rule),
  );
  for (const [atMs, answer] of answers) {
    nowMs = atMs;
    refusals.answered('s1', answer);
  }
  return broken;
}
const every = (ms: number, untilMs: number, answer = BUSY): [number, object][] =>
  Array.from({ length: untilMs / ms + 1 }, (_, i) => [i * ms, answer]);

it('is broken where a client comes again and again for half a minute and is always told BUSY', () => {
  expect(watch(every(6_000, 30_000))).toEqual([]);
  expect(watch(every(6_000, 36_000))).toEqual(['whoever comes is served in the end']);
});

it('is broken by one session, however well another one is served', () => {
  const broken: string[] = [];
  let nowMs = 0;
  const refusals = new RefusalWatch(
    () => nowMs,
    (_rule, detail) => broken.push(detail),
  );
  for (; nowMs <= 36_000; nowMs += 6_000) {
    refusals.answered('s1', BUSY);
    refusals.answered('s2', {});
  }
  expect(broken).toEqual(['s1: BUSY for 36000 ms']);
});

it('is not broken where it was served meanwhile, stayed away, or is refused for something else', () => {
  expect(watch([...every(6_000, 24_000), [25_000, { sessionId: 's' }], [40_000, BUSY]])).toEqual([]);
  expect(watch([...every(6_000, 24_000), [60_000, BUSY]])).toEqual([]);
  expect(watch(every(6_000, 60_000, { error: { code: 'STORE_UNAVAILABLE' } }))).toEqual([]);
});
