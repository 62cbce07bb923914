import { expect, test } from 'vitest';
import {
  ENGINE_TRANSITIONS,
  type EngineEvent,
  type EngineState,
  RESTART,
  RestartPolicy,
} from './sherpa-engine.ts';

test('a restart waits longer each time, and after the last wait there is none', () => {
  const policy = new RestartPolicy();
  expect(RESTART.delaysMs.map((_, i) => policy.next(i))).toEqual([...RESTART.delaysMs]);
  expect(policy.next(10)).toBeNull();
});

test('ends that are long ago do not count', () => {
  const policy = new RestartPolicy();
  policy.next(0);
  policy.next(1);
  expect(policy.next(RESTART.forgetAfterMs + 2)).toBe(RESTART.delaysMs[0]);
});

const STATES: readonly EngineState[] = ['starting', 'running', 'waiting', 'failed', 'closed'];
const EVENTS: readonly EngineEvent[] = ['started', 'startFailed', 'ended', 'restartDue', 'gaveUp', 'closed'];

test.each(STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)))(
  'it is decided what an engine that is %s does on %s',
  (state, event) => {
    expect([...STATES, null]).toContain(ENGINE_TRANSITIONS[state][event]);
  },
);

test('a closed engine stays closed, and any other can be closed', () => {
  expect(Object.values(ENGINE_TRANSITIONS.closed).every((next) => next === null)).toBe(true);
  for (const state of STATES.filter((one) => one !== 'closed'))
    expect(ENGINE_TRANSITIONS[state].closed).toBe('closed');
});
