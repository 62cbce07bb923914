import { buildId } from '../../compile/build-id.ts';
import { ToolError } from '../cli.ts';
import { containerWork } from './container-work.ts';
import { databaseWorks } from './database.ts';
import { openCloudRunWork, readEnvironment } from './environment.ts';
import { functionWorks } from './functions.ts';
import { Journal } from './journal.ts';
import { type Cloud, connect } from './manager.ts';
import type { DeployOptions } from './options.ts';
import type { DeployContext, DeployReport, Prepared } from './prepare.ts';
import { failureText } from './refusal.ts';
import { rollbackWork } from './rollback.ts';
import { checkService } from './service-check.ts';
import { install, isInstalled, withoutSecrets } from './tool-package.ts';
import { MANAGER_PACKAGE } from './tool-packages.ts';
import { payModeText } from './words.ts';
import { isOpen, refuseProblems, type Work, workLines } from './works.ts';

const DEFAULT_REGION = 'ap-shanghai';

/** Installs the SDK where it is not there yet. */
async function ensureManager({ secrets }: Prepared, { env, progress, print }: DeployContext): Promise<void> {
  if (isInstalled(MANAGER_PACKAGE)) return;
  print(`第一次部署：正在安装 ${MANAGER_PACKAGE.name}（只用于部署，约 36 MB）`);
  progress.step('正在安装部署工具');
  await install(MANAGER_PACKAGE, withoutSecrets(env, secrets));
}

const connectCloud = ({ description, values }: Prepared): Cloud =>
  connect(description.envId, {
    secretId: values.TENCENTCLOUD_SECRETID ?? '',
    secretKey: values.TENCENTCLOUD_SECRETKEY ?? '',
    token: values.TENCENTCLOUD_SESSIONTOKEN,
    region: values.TENCENTCLOUD_REGION ?? DEFAULT_REGION,
  });

/** Compares everything that was asked for with what there is. */
async function compare(
  cloud: Cloud,
  { parts, gray, force }: DeployOptions,
  { description, described }: Prepared,
  { clock, progress, print, pack }: DeployContext,
): Promise<Work[]> {
  progress.step('正在构建容器与云函数');
  const made = parts.includes('container') ? await pack.container() : undefined;
  const names = parts.includes('functions') ? description.functions.map(({ name }) => name) : [];
  const packages = new Map(
    await Promise.all(names.map(async (name) => [name, await pack.function(name)] as const)),
  );
  const record = { build: buildId(), at: clock.now() };
  progress.step('正在读取云上的状态');
  const environment = await readEnvironment(cloud);
  const { region, payMode, packageName } = environment;
  print(
    `环境 ${cloud.envId}：正常，${region}，${[payModeText(payMode), packageName].filter(Boolean).join('，')}`,
  );
  const works: Work[] = [];
  if (parts.includes('database')) works.push(...(await databaseWorks(cloud, description.collections)));
  if (made) {
    works.push(openCloudRunWork(cloud, environment, clock));
    const wanted = {
      spec: description.container,
      code: made.code,
      record,
      described: described.container,
      gray,
      force,
    };
    works.push(await containerWork({ cloud, environment, made, clock }, wanted));
  }
  if (names.length > 0)
    works.push(
      ...(await functionWorks(cloud, description.functions, {
        packages,
        described: described.functions,
        record,
        force,
      })),
    );
  return works;
}

/** Refusals while nothing has been changed yet. */
async function beforeChanges<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(`没有读到云上的状态，什么都没有改：${failureText(error)}`);
  }
}

/**
 * Deploys, or takes the container back.
 * @throws ToolError where something did not work, with what was done and what was not
 */
export async function deploy(
  options: DeployOptions,
  prepared: Prepared,
  context: DeployContext,
): Promise<DeployReport> {
  const { progress, print, clock } = context;
  const { description } = prepared;
  await ensureManager(prepared, context);
  const cloud = connectCloud(prepared);
  progress.step('正在读取云上的状态');
  const works = await beforeChanges(
    options.rollback
      ? rollbackWork(cloud, description.container.serviceName, clock).then((work) => [work])
      : compare(cloud, options, prepared, context),
  );
  progress.end();
  refuseProblems(works);
  for (const line of workLines(works)) print(line);
  const report: DeployReport = {
    ok: true,
    envId: description.envId,
    dryRun: false,
    changed: works.filter(isOpen).map(({ subject, changes }) => `${subject}：${changes.join('；')}`),
    unchanged: works.filter((work) => !isOpen(work)).map(({ subject }) => subject),
  };
  if (report.changed.length === 0) print('云上与描述相同，什么都没有改');
  else {
    if (!options.yes && !(await context.confirm('继续吗？'))) throw new ToolError('没有继续，什么都没有改');
    const journal = new Journal(works, context);
    context.onInterrupt(() => journal.summary());
    await journal.run(new Set(['functions']));
  }
  if (options.parts.includes('container') && report.changed.length > 0)
    await checkService(cloud, prepared, context);
  return report;
}
