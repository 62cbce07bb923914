import { readRc, variablesOf } from '../deploy/description.ts';
import { PARTS } from '../deploy/options.ts';
import { fileValues, isOptional, valueProblems } from '../deploy/values.ts';
import { Problem, Skip } from './runner.ts';

/** The variables that cloudbaserc.json takes from `.env`, in its order. */
export const deployedVariables = (): string[] => variablesOf(readRc(), PARTS);

/**
 * Whether all values that a deployment needs are there, and have the right form; whether they are valid only the service can
 * say.
 * @returns what was seen
 * @throws Skip where nobody means to deploy, Problem where values are missing or wrong; no value is ever shown
 */
export function deploymentSettings(env: NodeJS.ProcessEnv): string {
  const names = deployedVariables();
  const needed = names.filter((name) => !isOptional(name));
  // the account at the recogniser is of use without a deployment, too
  const onlyForDeployment = needed.filter((name) => !name.startsWith('TENCENT_'));
  if (onlyForDeployment.every((name) => !env[name]?.trim()))
    throw new Skip(`没有准备部署：${onlyForDeployment.join('、')} 都没有填`, {
      mend: '要部署时在 .env 里填写，见 docs/deploy.md',
    });
  const problems = valueProblems(names, env, fileValues('.env.example'));
  if (problems.length > 0)
    throw new Problem(
      `部署还不行：${problems.map(({ name, problem }) => `${name}：${problem}`).join('；')}`,
      '在 .env 里填写，每个值从哪里来见 .env.example 与 docs/deploy.md',
    );
  return `部署需要的 ${needed.length} 个值都有，格式正确（是否有效要由云判断）`;
}
