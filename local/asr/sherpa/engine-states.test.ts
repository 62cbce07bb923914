import { expect, test } from 'vitest';
import { EngineProcess, PROCESS_TABLE, type ProcessEvent } from './engine-process.ts';
import { ENGINE_TABLE, type EngineEvent, RESTART, RestartPolicy } from './sherpa-engine.ts';

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

/** For each event the next state from starting, running, waiting, failed and closed; `-`: it is ignored. */
const ENGINE_EXPECTED: Record<EngineEvent, string> = {
  started: 'running - - - -',
  startFailed: 'failed - - - -',
  ended: '- waiting - - -',
  restartDue: '- - starting - -',
  gaveUp: '- - failed - -',
  closed: 'closed closed closed closed -',
};

test.each(Object.entries(ENGINE_EXPECTED) as [EngineEvent, string][])(
  'what an engine does on %s, in each state',
  (event, expected) => {
    const row = ENGINE_TABLE.states.map((state) => ENGINE_TABLE.next(state, event));
    expect(row.join(' ').replaceAll('none', '-')).toBe(expected);
  },
);

/** For each event the next state from loading, ready, abandoned, stopping and ended; `-`: it is ignored. */
const EXPECTED: Record<ProcessEvent, string> = {
  loaded: 'ready - - - -',
  loadTimeout: 'abandoned - - - -',
  stopRequested: 'abandoned stopping - - -',
  exited: 'ended ended ended ended -',
};

test.each(Object.entries(EXPECTED) as [ProcessEvent, string][])(
  'what an engine process does on %s, in each state',
  (event, expected) => {
    expect(
      PROCESS_TABLE.states
        .map((state) => PROCESS_TABLE.next(state, event))
        .join(' ')
        .replaceAll('none', '-'),
    ).toBe(expected);
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
