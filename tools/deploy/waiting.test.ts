import { expect, test } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.ts';
import type { Cloud, CloudDeployRecord } from './manager.ts';
import type { Task } from './releases.ts';
import { waitForTask, waitForVersion } from './waiting.ts';

const MINUTE_MS = 60_000;
const record = (Status: string, more: Partial<CloudDeployRecord> = {}): CloudDeployRecord => ({
  DeployId: 'new',
  Status,
  RunId: 'run',
  BuildId: 7,
  VersionName: 'v-002',
  ...more,
});
const OLD = record('running', { DeployId: 'old' });
const PASSING = Object.assign(new Error('busy'), { code: 'RequestLimitExceeded' });

interface Answers {
  /** One after the other; the last one again and again. */
  records: (CloudDeployRecord[] | Error)[];
  task?: Task;
  buildLog?: string | Error;
}

/** Only what waiting asks for. */
function cloudThat({ records, task, buildLog = '' }: Answers): Cloud {
  let asked = 0;
  const answer = <T>(value: T | Error): Promise<T> =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  const cloudrun = {
    getDeployRecords: async () => {
      const now = records[Math.min(asked, records.length - 1)] ?? [];
      asked += 1;
      return { DeployRecords: await answer(now) };
    },
    getBuildLog: async () => ({ Log: { Text: await answer(buildLog) } }),
    getProcessLog: async () => ({ Logs: ['readiness probe failed'] }),
  };
  return {
    manager: { cloudrun },
    cloudRun: async () => ({ IsExist: task !== undefined, Task: task ?? null }),
  } as unknown as Cloud;
}

/** Waits as long as it takes, up to an hour. */
async function outcome(wait: (context: { clock: FakeClock; tell(text: string): void }) => Promise<unknown>) {
  const clock = new FakeClock();
  const told: string[] = [];
  let ended: unknown;
  const running = wait({ clock, tell: (text) => told.push(text) }).then(
    (value) => {
      ended = value ?? 'done';
    },
    (error: Error) => {
      ended = error.message;
    },
  );
  const startedAt = clock.now();
  while (ended === undefined && clock.now() - startedAt < 60 * MINUTE_MS) await clock.advance(1_000);
  await running;
  return { ended, told, seconds: (clock.now() - startedAt) / 1_000 };
}

const waitFor = (answers: Answers) =>
  outcome((context) => waitForVersion(cloudThat(answers), 'voice', new Set(['old']), context));

test('an older deployment does not count, and each state is told', async () => {
  const { ended, told } = await waitFor({
    records: [[OLD], [record('building'), OLD], [record('deploying'), OLD], [record('running'), OLD]],
    task: { Status: 'running', Steps: [{ Name: 'build_image', Status: 'running' }] },
  });
  expect(ended).toBe('v-002');
  expect(told).toContain('云正在构建与启动：building（build_image）');
  expect(told).toContain('云正在构建与启动：排队（build_image）');
});

test('a failure comes with the cloud’s reason and the ends of both logs', async () => {
  const { ended } = await waitFor({
    records: [[record('deploy_failed'), OLD]],
    task: { Status: 'failed', FailReason: '健康检查失败' },
    buildLog: Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n'),
  });
  expect(ended).toMatch(
    /新版本没有跑起来（deploy_failed）：健康检查失败\n {2}构建日志的末尾：\n {4}line 25\n/,
  );
  expect(ended).toMatch(/line 39\n {2}运行日志的末尾：\n {4}readiness probe failed\n {2}旧版本仍在运行$/);
});

test('a build log that cannot be had hides nothing', async () => {
  const { ended } = await waitFor({
    records: [[record('build_failed')]],
    buildLog: new Error('please login CODING'),
  });
  expect(ended).toContain('build_failed');
  expect(ended).toContain('readiness probe failed');
});

test('a failed task without a record of it is a failure too', async () => {
  const { ended } = await waitFor({ records: [[OLD]], task: { Status: 'failed', FailReason: '没有开通' } });
  expect(ended).toContain('没有开通');
});

test('questions without an answer are asked again, but not for ever', async () => {
  const { ended } = await waitFor({ records: [PASSING, PASSING, [record('normal')]] });
  expect(ended).toBe('v-002');
  expect((await waitFor({ records: [PASSING] })).ended).toBe('busy');
  const refused = Object.assign(new Error('no'), { code: 'UnauthorizedOperation' });
  expect((await waitFor({ records: [refused] })).seconds).toBeLessThan(5);
});

test('it is bounded, and a state that nobody knows is not taken for success', async () => {
  const { ended, seconds } = await waitFor({ records: [[record('something_new')]] });
  expect(ended).toContain('20 分钟还没有结果');
  expect(seconds).toBeLessThan(21 * 60);
});

test.each([
  [0, {}, 'done'],
  [5, { Status: 'finished' }, 'done'],
  [5, { Status: 'succ' }, 'done'],
  [5, { Status: 'failed', FailReason: '不行' }, '云没有做成：不行'],
])('task %d that is %j: %s', async (id, task, expected) => {
  const { ended } = await outcome((context) =>
    waitForTask(cloudThat({ records: [], task }), 'voice', id, context),
  );
  expect(ended).toBe(expected);
});
