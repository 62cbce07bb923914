import { type CommandLine, UsageError } from '../../lib/command-line.ts';
import { JSON_OPTION } from '../cli.ts';

/** What can be deployed by itself, in the order in which it is done. */
export const PARTS = ['database', 'container', 'functions'] as const;
export type Part = (typeof PARTS)[number];
const isPart = (name: string): name is Part => (PARTS as readonly string[]).includes(name);

export const COMMAND = {
  command: 'npm run deploy --',
  summary: '按 cloudbaserc.json 部署到云开发：集合与索引、容器、云函数；与描述相同的不动，可以反复运行',
  options: {
    'dry-run': { type: 'boolean', help: '只检查要部署的值并打印计划：不安装，不连接云' },
    only: { type: 'list', value: 'PART', help: `只部署这一部分：${PARTS.join('、')}，可以用逗号分开` },
    gray: {
      type: 'number',
      value: 'N',
      help: '容器的新版本先接 N% 的流量，不动云函数；100 为全量',
      min: 1,
      max: 100,
    },
    rollback: { type: 'boolean', help: '容器退回上一个版本；正在灰度时撤回灰度的版本' },
    force: { type: 'boolean', help: '代码没有变也重新上传（用别的工具改过云上的代码之后）' },
    yes: { type: 'boolean', help: '不询问（没有终端时本来就不询问）' },
    // not `env-file`: Node.js 20 takes that for its own wherever it stands, and puts the values into the environment
    values: { type: 'string', value: 'FILE', help: '值所在的文件，默认 .env', default: '.env' },
    json: JSON_OPTION,
  },
  examples: [
    'npm run deploy -- --dry-run',
    'npm run deploy',
    'npm run deploy -- --gray 10',
    'npm run deploy -- --rollback',
  ],
} as const;

export interface DeployOptions {
  /** In the order of {@link PARTS}. */
  parts: readonly Part[];
  dryRun: boolean;
  /** Percent of the traffic for the new version; undefined: all of it. */
  gray: number | undefined;
  rollback: boolean;
  force: boolean;
  yes: boolean;
  /** Where the values are. */
  valuesFile: string;
  json: boolean;
}

/** @throws UsageError for what does not go together */
export function optionsOf({ values }: CommandLine<typeof COMMAND.options>): DeployOptions {
  const unknown = values.only.find((name) => !isPart(name));
  if (unknown !== undefined) throw new UsageError(`--only 没有 ${unknown}：应为 ${PARTS.join('、')}`);
  if (
    values.rollback &&
    (values.gray !== undefined || values.only.length > 0 || values.force || values['dry-run'])
  )
    throw new UsageError('--rollback 只退回容器，不和 --gray、--only、--force、--dry-run 一起用');
  if (values.gray !== undefined && values.only.includes('functions'))
    throw new UsageError('--gray 只用于容器：云函数没有灰度，全量时再部署');
  return {
    parts: partsOf(values.only.filter(isPart), values.gray !== undefined, values.rollback),
    dryRun: values['dry-run'],
    gray: values.gray,
    rollback: values.rollback,
    force: values.force,
    yes: values.yes,
    valuesFile: values.values,
    json: values.json,
  };
}

function partsOf(only: readonly Part[], gray: boolean, rollback: boolean): readonly Part[] {
  if (rollback) return ['container'];
  if (only.length > 0) return PARTS.filter((part) => only.includes(part));
  // the functions of the old version go on serving it
  return gray ? ['database', 'container'] : PARTS;
}
