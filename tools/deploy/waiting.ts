import { type Clock, sleep } from '../../lib/clock.ts';
import { ToolError } from '../cli.ts';
import type { Cloud, CloudDeployRecord } from './manager.ts';
import { describeCloudError } from './refusal.ts';
import { readTask, type Task } from './releases.ts';
import type { Tell } from './works.ts';

/** How often the cloud is asked how far it is, ms: at first soon, then this often. */
const ASK_AFTER_MS = [1_000, 2_000, 3_000] as const;
const ASK_EVERY_MS = 5_000;
/** Building an image takes minutes, starting it up to 150 s and the delay (CloudBase-AI-Toolkit, 2026-08). */
const ENDS_WITHIN_MS = 1_200_000;
/** Questions in a row that may remain without an answer. */
const MAX_UNANSWERED = 5;
/** Lines of the build and of the container's own output that a failure shows. */
const REPORTED_LINES = 15;

/** `running` as manager-node has it, `normal` as the console's records have it. */
const SUCCEEDED = /^(?:running|normal|finished|success)$/i;
const FAILED = /fail|error|abnormal|cancel|abort/i;
/** Of a task, which is called `running` until it has ended. */
const UNDER_WAY = /^(?:|todo|running|pending|waiting|doing|creating|deploying|processing)$/i;

/** Asks until there is an answer that is one. @throws ToolError when it takes too long */
async function until<T>(ask: () => Promise<T | undefined>, clock: Clock, what: string): Promise<T> {
  const startedAt = clock.now();
  let unanswered = 0;
  for (let asked = 0; clock.now() - startedAt <= ENDS_WITHIN_MS; asked += 1) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      unanswered = 0;
    } catch (error) {
      if (error instanceof ToolError || !describeCloudError(error).isPassing) throw error;
      unanswered += 1;
      if (unanswered > MAX_UNANSWERED) throw error;
    }
    await sleep(clock, ASK_AFTER_MS[asked] ?? ASK_EVERY_MS);
  }
  throw new ToolError(
    `${what} ${ENDS_WITHIN_MS / 60_000} 分钟还没有结果：在控制台看它的进度；结束后再运行一次会接着核对`,
  );
}

/** Deployments of a service that there are already, so that a new one can be told from them; the newest first. */
export async function knownDeployments({ manager }: Cloud, serverName: string): Promise<Set<string>> {
  const { DeployRecords } = await manager.cloudrun.getDeployRecords({ serverName });
  return new Set(DeployRecords.map(({ DeployId }) => DeployId));
}

const tail = (text: string): string => text.trimEnd().split('\n').slice(-REPORTED_LINES).join('\n    ');

/** What build and container have said; a log that cannot be had is no reason to say nothing. */
async function logsOf({ manager }: Cloud, serverName: string, record: CloudDeployRecord): Promise<string[]> {
  const { BuildId = 0, RunId } = record;
  const [build, run] = await Promise.allSettled([
    BuildId > 0 ? manager.cloudrun.getBuildLog({ serverName, buildId: BuildId }) : undefined,
    RunId ? manager.cloudrun.getProcessLog({ RunId }) : undefined,
  ]);
  const built = build.status === 'fulfilled' ? (build.value?.Log?.Text ?? '') : '';
  const ran = run.status === 'fulfilled' ? (run.value?.Logs ?? []).join('\n') : '';
  return [
    ...(built ? [`  构建日志的末尾：\n    ${tail(built)}`] : []),
    ...(ran ? [`  运行日志的末尾：\n    ${tail(ran)}`] : []),
    ...(built || ran ? [] : ['  没有取到日志：在控制台「云托管 → 部署发布」里看']),
  ];
}

const stepsText = ({ Steps }: Task): string => {
  const step = (Steps ?? []).find(({ Status }) => Status === 'running');
  return step?.Name ? `（${step.Name}）` : '';
};

/**
 * Waits until a version that has just been asked for runs.
 * @param known deployments from before
 * @returns its name, as far as the cloud tells
 * @throws ToolError with the cloud's reason and the ends of its logs where it does not
 */
export async function waitForVersion(
  cloud: Cloud,
  serverName: string,
  known: ReadonlySet<string>,
  { clock, tell }: { clock: Clock; tell: Tell },
): Promise<string | undefined> {
  const ask = async (): Promise<{ record: CloudDeployRecord; task: Task | undefined } | undefined> => {
    const { DeployRecords } = await cloud.manager.cloudrun.getDeployRecords({ serverName });
    const record = DeployRecords.find(({ DeployId }) => !known.has(DeployId));
    const task = await readTask(cloud, serverName);
    tell(`云正在构建与启动：${record?.Status ?? '排队'}${task ? stepsText(task) : ''}`);
    const isOver = record && (SUCCEEDED.test(record.Status) || FAILED.test(record.Status));
    if (isOver) return { record, task };
    // without a record of it, its task alone tells that it has failed
    if (!record && task && FAILED.test(task.Status ?? ''))
      return { record: { DeployId: '', Status: task.Status ?? '' }, task };
    return undefined;
  };
  const { record, task } = await until(ask, clock, '新版本');
  if (SUCCEEDED.test(record.Status)) return record.VersionName ?? task?.VersionName;
  const reason =
    task?.FailReason || task?.Steps?.find((step) => step.FailReason)?.FailReason || '云没有说原因';
  const logs = await logsOf(cloud, serverName, record);
  throw new ToolError(
    [`新版本没有跑起来（${record.Status}）：${reason}`, ...logs, '  旧版本仍在运行'].join('\n'),
  );
}

/** Waits until a task with an id has ended; 0: it had when it was answered. @throws ToolError where it failed */
export async function waitForTask(
  cloud: Cloud,
  serverName: string,
  id: number,
  { clock, tell }: { clock: Clock; tell: Tell },
): Promise<void> {
  if (!(id > 0)) return;
  const task = await until(
    async () => {
      const now = await readTask(cloud, serverName, id);
      tell(`云正在执行${now ? stepsText(now) : ''}`);
      return now && !UNDER_WAY.test(now.Status ?? '') ? now : undefined;
    },
    clock,
    '这项改动',
  );
  if (FAILED.test(task.Status ?? '')) throw new ToolError(`云没有做成：${task.FailReason || task.Status}`);
}
