import { expect, test } from 'vitest';
import { CoalescedTask } from './coalesced-task.ts';
import { Deferred } from './deferred.ts';

function taskOfRuns() {
  const runs: Deferred<void>[] = [];
  const task = new CoalescedTask(() => {
    const run = new Deferred<void>();
    runs.push(run);
    return run.promise;
  });
  return { task, runs };
}
const settled = () => new Promise(setImmediate);

test('asked for three times during a run, it runs once more', async () => {
  const { task, runs } = taskOfRuns();
  for (let i = 0; i < 4; i++) task.trigger();
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await settled();
  expect(runs).toHaveLength(2);
  runs[1]?.resolve();
  await settled();
  expect(runs).toHaveLength(2);
});

test('stopped, it waits for the run under way and starts no other', async () => {
  const { task, runs } = taskOfRuns();
  task.trigger();
  task.trigger();
  const stopped = task.stop();
  runs[0]?.resolve();
  await stopped;
  task.trigger();
  expect(runs).toHaveLength(1);
});
