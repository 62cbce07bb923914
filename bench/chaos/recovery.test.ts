import { expect, test } from 'vitest';
import type { InjectedFault } from './fault-injector.ts';
import { faultKindOf, type PlannedFault } from './fault-kinds.ts';
import { distributionOf, measureRecovery } from './recovery.ts';
import type { TimelineEntry } from './timeline.ts';

const injected = (planned: PlannedFault, more: Partial<InjectedFault>): InjectedFault => ({
  planned,
  kind: faultKindOf(planned),
  beganAt: planned.atMs,
  endedAt: planned.atMs,
  affected: [],
  voiceIds: [],
  ...more,
});
const progress = (t: number, recordedMs: number, sentMs: number): TimelineEntry => ({
  t,
  who: 'speaker-0',
  what: 'event progress',
  recordedMs,
  nextPos: sentMs * 16,
});
const result = (t: number, recordedMs: number, endMs: number): TimelineEntry => ({
  t,
  who: 'speaker-0',
  what: 'event result',
  recordedMs,
  endMs,
});
const drop: PlannedFault = { id: 0, atMs: 1_000, on: 'client', speaker: 0, fault: { kind: 'drop' } };

test('a client has recovered when the container has its audio, not when it is merely connected again', () => {
  const entries = [
    progress(1_500, 1_500, 1_500),
    progress(2_500, 9_000, 2_000),
    progress(4_000, 9_500, 8_500),
  ];
  const fault = injected(drop, { affected: [0], endedAt: 2_000 });
  expect(measureRecovery([fault], entries, new Map())['client:drop']).toEqual({
    count: 1,
    p50: 2_000,
    p95: 2_000,
    max: 2_000,
  });
});

test('an upstream has recovered when text has caught up with the speaker whose audio it received', () => {
  const fault = injected(
    { id: 0, atMs: 1_000, on: 'asr-link', container: 0, fault: { kind: 'drop' } },
    { voiceIds: ['v1', 'of nobody'] },
  );
  const entries = [result(3_000, 9_000, 4_000), result(5_000, 11_000, 9_000)];
  expect(measureRecovery([fault], entries, new Map([['v1', 0]])).all?.max).toBe(4_000);
});

test('a fault of the service ends when the stream that it affected ends', () => {
  const fault = injected(
    { id: 0, atMs: 1_000, on: 'asr', speaker: 0, faults: [{ kind: 'drop', afterAudioMs: 500 }] },
    { voiceIds: ['cut'] },
  );
  const entries: TimelineEntry[] = [
    { t: 1_200, who: 'container-1', what: 'upstream opened', voiceId: 'struck' },
    { t: 2_200, who: 'container-1', what: 'upstream closed', voiceId: 'struck' },
    result(2_900, 3_000, 2_900),
  ];
  expect(measureRecovery([fault], entries, new Map([['struck', 0]])).all?.max).toBe(700);
});

test('a speaker that had stopped before is not waited for', () => {
  const fault = injected(drop, { affected: [0], endedAt: 5_000 });
  const stopped: TimelineEntry = { t: 4_000, who: 'speaker-0', what: 'stopped' };
  expect(measureRecovery([fault], [stopped], new Map())).toEqual({});
});

test('median, 95th percentile and maximum of ten values', () => {
  expect(distributionOf([10, 1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual({ count: 10, p50: 6, p95: 10, max: 10 });
});
