/** `npm run chaos`: speakers talk while links, services and containers fail; every character is accounted for. */
import { join } from 'node:path';
import { UsageError } from '../../lib/command-line.ts';
import { exitWhenWritten, JSON_OPTION, runTool } from '../../tools/cli.ts';
import { FAULT_GROUPS, type FaultGroup } from './fault-kinds.ts';
import { MUTATION_NAMES, type MutationName } from './mutations.ts';
import { planFaults } from './plan.ts';
import { formatReport, isClean, summarise } from './report.ts';
import { runChaos } from './run.ts';

await runTool(
  {
    command: 'npm run chaos --',
    summary: '几个人同时说话，其间断网、服务出错、容器被杀；之后逐字核对。有任何偏差就以 1 退出',
    options: {
      seed: {
        type: 'number',
        value: 'N',
        help: '决定说什么、何时发生什么故障，默认 1',
        min: 0,
        max: 2 ** 31,
        default: 1,
      },
      minutes: {
        type: 'number',
        value: 'M',
        help: '录音时长，默认 1',
        min: 0.2,
        max: 120,
        fraction: true,
        default: 1,
      },
      speakers: {
        type: 'number',
        value: 'K',
        help: '同时说话的人数，默认 4',
        min: 1,
        max: 50,
        default: 4,
      },
      faults: {
        type: 'string',
        value: 'A,B',
        help: `只要这些故障：${FAULT_GROUPS.join('、')}；none 表示没有`,
      },
      break: {
        type: 'string',
        value: '规则',
        help: `去掉容器的一条规则，看它是否被发现：${MUTATION_NAMES.join('、')}`,
      },
      plan: { type: 'boolean', help: '只打印故障计划' },
      data: { type: 'string', value: 'DIR', help: '数据与诊断放在哪里，默认 .local/chaos/<seed>' },
      json: JSON_OPTION,
    },
  },
  '正在启动',
  async ({ values, progress }) => {
    const { seed, speakers } = values;
    const size = {
      seed,
      durationMs: Math.round(values.minutes * 60_000),
      speakers,
      ...(values.faults !== undefined && { groups: groupsOf(values.faults) }),
    };
    if (values.plan) {
      const plan = planFaults({ ...size, containers: 2 });
      for (const fault of plan.faults) console.log(JSON.stringify(fault));
      for (const stop of plan.stops) console.log(JSON.stringify({ on: 'stop', ...stop }));
      return;
    }
    const dataDir = values.data ?? join('.local', 'chaos', String(seed));
    const mutation = mutationOf(values.break);
    // from here on it says itself what it does
    progress.end();
    const result = await runChaos({ ...size, dataDir, mutation, log: (line) => console.log(line) });
    const summary = summarise(result);
    console.log(formatReport(summary, result));
    if (!isClean(result)) console.log(`\n诊断：${dataDir}（speaker-*.txt、timeline.jsonl、logs/）`);
    if (values.json) console.log(JSON.stringify(summary));
    process.exitCode = isClean(result) ? 0 : 1;
  },
);
await exitWhenWritten();

function groupsOf(text: string): FaultGroup[] {
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    const group = FAULT_GROUPS.find((known) => known === name);
    if (!group) throw new UsageError(`--faults 里没有 ${name}`);
    return group;
  });
}

function mutationOf(name: string | undefined): MutationName | undefined {
  if (name === undefined) return undefined;
  const known = MUTATION_NAMES.find((one) => one === name);
  if (!known) throw new UsageError(`--break 里没有 ${name}`);
  return known;
}
