import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import * as v from 'valibot';
import { buildContainer } from '../../compile/container.ts';
import { functionNames } from '../../compile/functions.ts';
import { OUT } from '../../compile/out.ts';
import { readConfig } from '../../container/src/config.ts';
import { HTTP_API_BASE } from '../../contract/http-api.ts';
import { DAILY_STATS, LEASES, PAGES, SESSIONS, UPLOADS } from '../../contract/records.ts';
import { ROOT } from '../root.ts';
import { type DeployConfig, rcSchema } from './deploy-schema.ts';
import { scaleProblems } from './scale.ts';

/** All that may be uploaded for the container. */
export const CONTAINER_FILES: readonly string[] = ['Dockerfile', 'index.js', 'package.json'];

const same = (a: Iterable<string>, b: Iterable<string>): boolean =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

/** Whether cloudbaserc.json, parsed, is what the tools and this project's sources need. */
export async function deployProblems(rc: unknown): Promise<string[]> {
  const parsed = v.safeParse(rcSchema, rc);
  if (!parsed.success)
    return parsed.issues.map((issue) => `cloudbaserc.json ${v.getDotPath(issue) ?? ''}：${issue.message}`);
  const { functions, functionRoot, framework } = parsed.output;
  const { container, database, function: functionPlugin } = framework.plugins;
  const problems: string[] = [];
  const expect = (fine: boolean, problem: string): void => {
    if (!fine) problems.push(`cloudbaserc.json：${problem}`);
  };

  const declared = functions.map(({ name }) => name);
  const folders = await functionNames();
  expect(same(declared, folders), `函数 ${declared} 与 functions/ 下的 ${folders} 不一致`);
  const path = (text: string): string => posix.normalize(text);
  expect(path(functionRoot) === OUT.functions, `functionRoot 应为 ./${OUT.functions}`);
  expect(
    path(functionPlugin.inputs.functionRootPath) === OUT.functions,
    `functionRootPath 应为 ./${OUT.functions}`,
  );
  const { servicePaths } = functionPlugin.inputs;
  for (const name of folders)
    expect(
      servicePaths[name] === `${HTTP_API_BASE}/${name}`,
      `servicePaths.${name} 应为 ${HTTP_API_BASE}/${name}，见 docs/http-api.md`,
    );
  expect(same(Object.keys(servicePaths), folders), `servicePaths 里有不存在的函数`);
  expect(path(container.inputs.localPath) === OUT.container, `localPath 应为构建目录 ./${OUT.container}`);
  const collections = database.inputs.collections.map(({ collectionName }) => collectionName);
  const needed = [SESSIONS, PAGES, DAILY_STATS, UPLOADS, LEASES];
  expect(same(collections, needed), `集合 ${collections} 与 contract/records.ts 的 ${needed} 不一致`);
  return [...problems, ...containerProblems(parsed.output)];
}

/** Whether the container would start with the variables that it is given, each filled in, and what all instances use together. */
function containerProblems(rc: DeployConfig): string[] {
  const { envVariables } = rc.framework.plugins.container.inputs;
  const sample = (value: string): string => (value.startsWith('{{') ? '1'.repeat(40) : value);
  const env = Object.fromEntries(Object.entries(envVariables).map(([name, value]) => [name, sample(value)]));
  const read = readConfig(env);
  if ('problems' in read) return read.problems.map((problem) => `容器的环境变量 ${problem}`);
  return scaleProblems(rc, read.config);
}

/** Whether a built container folder holds what is uploaded and nothing else. */
async function stagingProblems(): Promise<string[]> {
  const outDir = await mkdtemp(join(tmpdir(), 'check-container-'));
  try {
    await buildContainer({ outDir });
    const files = await readdir(outDir);
    return same(files, CONTAINER_FILES) ? [] : [`容器构建目录应只有 ${CONTAINER_FILES}，现在有 ${files}`];
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

/** What would go wrong in a deployment, as far as it can be seen offline. */
export async function deploymentProblems(): Promise<string[]> {
  const rc: unknown = JSON.parse(await readFile(join(ROOT, 'cloudbaserc.json'), 'utf8'));
  return [...(await deployProblems(rc)), ...(await stagingProblems())];
}
