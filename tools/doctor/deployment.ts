import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../container/src/config.ts';
import { ROOT } from '../root.ts';
import { Problem, Skip } from './runner.ts';

const PLACEHOLDER = /\{\{env\.(\w+)\}\}/g;
/** May be left empty. */
const OPTIONAL: ReadonlySet<string> = new Set(['HTTP_ALLOWED_ORIGINS']);

/** The variables that cloudbaserc.json takes from `.env`, in its order. */
export const deployedVariables = (rc = readFileSync(join(ROOT, 'cloudbaserc.json'), 'utf8')): string[] => [
  ...new Set([...rc.matchAll(PLACEHOLDER)].map(([, name = '']) => name)),
];

/** A CloudBase environment's id, as the console makes it: a name of one's own, a hyphen, random letters and digits. */
const ENV_ID = /^[a-z0-9][a-z0-9-]*[a-z0-9]$/;

/**
 * Whether all values that a deployment needs are there, and have the form that the container takes; whether they are valid only
 * the service can say.
 * @returns what was seen
 * @throws Skip where nobody means to deploy, Problem where values are missing or wrong; no value is ever shown
 */
export function deploymentSettings(env: NodeJS.ProcessEnv): string {
  const needed = deployedVariables().filter((name) => !OPTIONAL.has(name));
  const missing = needed.filter((name) => !env[name]?.trim());
  // the account at the recogniser is of use without a deployment, too
  const onlyForDeployment = needed.filter((name) => !name.startsWith('TENCENT_'));
  if (onlyForDeployment.every((name) => missing.includes(name)))
    throw new Skip(`没有准备部署：${onlyForDeployment.join('、')} 都没有填`, {
      mend: '要部署时在 .env 里填写，见 docs/deploy.md',
    });
  const given = Object.fromEntries(
    needed.filter((name) => !missing.includes(name)).map((name) => [name, env[name]]),
  );
  const read = readConfig(given);
  const wrong =
    'problems' in read
      ? read.problems.filter((problem) => !missing.some((name) => problem.includes(name)))
      : [];
  if (given.TCB_ENV && !ENV_ID.test(given.TCB_ENV))
    wrong.push('TCB_ENV：应为环境 ID，小写字母、数字与连字符');
  const problems = [...missing.map((name) => `${name}：没有填`), ...wrong];
  if (problems.length > 0)
    throw new Problem(
      `部署还不行：${problems.join('；')}`,
      '在 .env 里填写，每个值从哪里来见 .env.example 与 docs/deploy.md',
    );
  return `部署需要的 ${needed.length} 个值都有，格式正确（是否有效要由云判断）`;
}
