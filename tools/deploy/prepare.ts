import { join } from 'node:path';
import { readConfig } from '../../container/src/config.ts';
import type { Clock } from '../../lib/clock.ts';
import { ToolError } from '../cli.ts';
import type { Progress } from '../progress.ts';
import { ROOT } from '../root.ts';
import { type Description, describe, readRc, variablesOf } from './description.ts';
import { type DeployOptions, PARTS } from './options.ts';
import type { Packing } from './packages.ts';
import { redactor } from './redaction.ts';
import {
  CREDENTIALS,
  fileValues,
  readValues,
  SESSION_TOKEN,
  type ValueProblem,
  type Values,
  valueProblems,
} from './values.ts';
import { descriptionLines } from './words.ts';

/** What the last line of `--json` tells. */
export interface DeployReport {
  ok: boolean;
  envId: string;
  dryRun: boolean;
  /** What was changed, as it was told. */
  changed: string[];
  /** What was as described. */
  unchanged: string[];
}

export interface DeployContext {
  env: NodeJS.ProcessEnv;
  pack: Packing;
  clock: Clock;
  progress: Progress;
  print(line: string): void;
  /** Asks whether to go on. */
  confirm(question: string): Promise<boolean>;
  /** Told what has happened when the command is interrupted; a new one replaces it. */
  onInterrupt(summary: () => readonly string[]): void;
}

/** Everything that is known before anything is installed or sent. */
export interface Prepared {
  description: Description;
  /** Of the description, those that are left empty too. */
  described: { container: readonly string[]; functions: ReadonlyMap<string, readonly string[]> };
  values: Values;
  /** Names of values that nobody may see. */
  secrets: readonly string[];
  /** There is nothing to call the cloud with: fine for a plan. */
  lacksCredentials: boolean;
  redact(text: string): string;
}

const HOW_TO_FILL =
  '在 .env 里填写（第一次：cp .env.example .env），或者设成环境变量（环境变量优先）；每个值从哪里来也见 docs/deploy.md';

const valuesError = (problems: readonly ValueProblem[]): ToolError =>
  new ToolError(
    [
      '要部署的值还不齐（什么都没有发送）：',
      ...problems.map(({ name, problem, from }) => `  ✗ ${name}：${problem}。${from}`),
      HOW_TO_FILL,
    ].join('\n'),
  );

/** Reads description and values. @throws ToolError with all that is wrong, before anything else is done */
export function prepare({ parts, valuesFile, dryRun }: DeployOptions, env: NodeJS.ProcessEnv): Prepared {
  const rc = readRc();
  const deployed = variablesOf(rc, parts);
  const credentials: readonly string[] = [...CREDENTIALS, SESSION_TOKEN];
  const needed = [...deployed, ...credentials];
  const values = readValues(valuesFile, env);
  const problems = valueProblems(needed, values, fileValues(join(ROOT, '.env.example')));
  const lacksCredentials = CREDENTIALS.every((name) => !values[name]);
  // whoever deploys with `tcb` has logged in there, and checks the values here
  const isPlan = dryRun && lacksCredentials && problems.every(({ name }) => credentials.includes(name));
  if (problems.length > 0 && !isPlan) throw valuesError(problems);
  // of all parts: the cloud may show what was deployed before
  const secrets = [...variablesOf(rc, PARTS), ...credentials];
  const description = describe(rc, values);
  if (parts.includes('container')) refuseContainer(description);
  return {
    description,
    described: {
      container: Object.keys(rc.framework.plugins.container.inputs.envVariables),
      functions: new Map(rc.functions.map(({ name, envVariables }) => [name, Object.keys(envVariables)])),
    },
    values,
    secrets,
    lacksCredentials,
    redact: redactor(secrets, values),
  };
}

/** @throws ToolError where the container would not start with its variables */
function refuseContainer({ container }: Description): void {
  const read = readConfig(container.envVariables);
  if ('problems' in read)
    throw new ToolError(
      `容器用这些变量启动不了（什么都没有发送）：\n${read.problems.map((one) => `  ✗ ${one}`).join('\n')}`,
    );
}

/** `--dry-run`: the plan, as far as it can be told without the cloud. */
export function printPlan(
  { parts }: DeployOptions,
  { description, lacksCredentials }: Prepared,
  print: (line: string) => void,
): void {
  print(`计划：环境 ${description.envId}（没有连接云，什么都没有发送）`);
  for (const line of descriptionLines(description, parts)) print(line);
  if (lacksCredentials) print(`npm run deploy 还需要 ${CREDENTIALS.join('、')}；用 tcb 部署的，值已经齐了`);
  else print('去掉 --dry-run：先读取云上的状态，列出要改的，再动手；与描述相同的不动。');
}
