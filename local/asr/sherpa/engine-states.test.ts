import { expect, test } from 'vitest';
import {
  EngineProcess,
  PROCESS_TRANSITIONS,
  type ProcessEvent,
  type ProcessState,
} from './engine-process.ts';
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

const PROCESS_STATES: readonly ProcessState[] = ['loading', 'ready', 'abandoned', 'stopping', 'ended'];
/** All events in all states: `-` is ignored. */
const EXPECTED: Record<ProcessEvent, string> = {
  loaded: 'ready - - - -',
  loadTimeout: 'abandoned - - - -',
  stopRequested: 'abandoned stopping - - -',
  exited: 'ended ended ended ended -',
};

test.each(Object.entries(EXPECTED) as [ProcessEvent, string][])(
  'what an engine process does on %s, in each state',
  (event, expected) => {
    expect(PROCESS_STATES.map((state) => PROCESS_TRANSITIONS[state][event] ?? '-').join(' ')).toBe(expected);
  },
);

const LOAD = { type: 'load', config: {}, tailMs: 0, chunkMs: 0 } as const;
const unexpected = () => {
  throw new Error('nothing was loaded');
};

test('a model that cannot be loaded: the start fails with how the process ended', async () => {
  const starting = EngineProcess.start(LOAD, 60_000, { onUpdate: unexpected, onEnd: unexpected });
  await expect(starting).rejects.toThrow(/^识别引擎进程已退出（(?!SIGKILL)/);
});

test('a model that takes too long to load: the start fails and names the limit', async () => {
  const starting = EngineProcess.start(LOAD, 1, { onUpdate: unexpected, onEnd: unexpected });
  await expect(starting).rejects.toThrow('识别引擎进程已退出（SIGKILL）：加载超过 0.001 秒');
});
