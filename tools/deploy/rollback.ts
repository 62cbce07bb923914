import type { Clock } from '../../lib/clock.ts';
import { ToolError } from '../cli.ts';
import { type Cloud, ifThere } from './manager.ts';
import { type Releases, ROLLBACK_REMARK, readTask, releasesOf } from './releases.ts';
import { waitForTask } from './waiting.ts';
import type { Work } from './works.ts';

/** What a rollback would do, from what there is. @throws ToolError where there is nothing to go back to */
export function rollbackTarget(releases: Releases): { withdraw: string } | { from: string; to: string } {
  const { trying, current, previous, isRolledBack } = releases;
  if (trying !== undefined) return { withdraw: trying };
  if (isRolledBack)
    throw new ToolError(
      `刚才已经退回到 ${current ?? '上一个版本'}：要退到更早的版本，在控制台「云托管 → 版本」里选，或从那个提交重新部署`,
    );
  if (current === undefined || previous === undefined)
    throw new ToolError(
      '云没有说上一个版本是哪一个：在控制台「云托管 → 版本」里选，或切换到上一个提交再 npm run deploy -- --only container',
    );
  return { from: current, to: previous };
}

/** Takes the container back: a version that is being tried is withdrawn, else the one before gets the traffic. */
export async function rollbackWork(cloud: Cloud, serverName: string, clock: Clock): Promise<Work> {
  const found = await ifThere(cloud.manager.cloudrun.detail({ serverName }));
  if (!found) throw new ToolError(`没有容器 ${serverName}：没有什么可以退回`);
  const target = rollbackTarget(releasesOf(found, await readTask(cloud, serverName)));
  const change =
    'withdraw' in target
      ? `撤回灰度的版本 ${target.withdraw}，流量全部回到旧版本`
      : `由 ${target.from} 退回 ${target.to}`;
  return {
    part: 'container',
    subject: `容器 ${serverName}`,
    isNew: false,
    changes: [change],
    notes: ['云函数没有版本，不会退回：需要时切换到那个提交，再 npm run deploy -- --only functions'],
    problems: [],
    async run(tell) {
      if ('withdraw' in target) {
        await cloud.manager.cloudrun.rollback(serverName);
        return;
      }
      const { TaskId = 0 } = await cloud.cloudRun<{ TaskId?: number }>('SubmitServerRollback', {
        ServerName: serverName,
        CurrentVersionName: target.from,
        RollbackVersionName: target.to,
        OperatorRemark: ROLLBACK_REMARK,
      });
      await waitForTask(cloud, serverName, TaskId, { clock, tell });
    },
  };
}
