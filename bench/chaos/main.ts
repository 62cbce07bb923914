/** `npm run chaos`: speakers talk while links, services and containers fail; every character is accounted for. */
import { join } from 'node:path';
import { readArgs, runTool, UsageError } from '../../tools/cli.ts';
import { FAULT_GROUPS, type FaultGroup } from './fault-kinds.ts';
import { MUTATION_NAMES, type MutationName } from './mutations.ts';
import { planFaults } from './plan.ts';
import { formatReport, isClean, summarise } from './report.ts';
import { runChaos } from './run.ts';

const USAGE = `用法：npm run chaos -- [选项]
  --seed N          决定说什么、何时发生什么故障，默认 1
  --minutes M       录音时长，默认 1
  --speakers K      同时说话的人数，默认 4
  --faults A,B      只要这些故障：${FAULT_GROUPS.join('、')}；none 表示没有
  --break 规则      去掉容器的一条规则，看它是否被发现：${MUTATION_NAMES.join('、')}
  --plan            只打印故障计划
  --data DIR        数据与诊断放在哪里，默认 .local/chaos/<seed>
  --json            最后一行输出 JSON`;

/** If the process has not ended by itself after this time, ms, what keeps it alive is printed and it exits. */
const EXIT_WITHIN_MS = 3_000;

await runTool(USAGE, async (args) => {
  const { values } = readArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '1' },
      speakers: { type: 'string', default: '4' },
      faults: { type: 'string' },
      break: { type: 'string' },
      plan: { type: 'boolean', default: false },
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const seed = numberOf('seed', values.seed, 0, 2 ** 31);
  const size = {
    seed,
    durationMs: Math.round(numberOf('minutes', values.minutes, 0.2, 120) * 60_000),
    speakers: Math.floor(numberOf('speakers', values.speakers, 1, 50)),
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
  const result = await runChaos({ ...size, dataDir, mutation, log: (line) => console.log(line) });
  const summary = summarise(result);
  console.log(formatReport(summary, result));
  if (!isClean(result)) console.log(`\n诊断：${dataDir}（speaker-*.txt、timeline.jsonl、logs/）`);
  if (values.json) console.log(JSON.stringify(summary));
  process.exitCode = isClean(result) ? 0 : 1;
  setTimeout(() => {
    console.error('还没有释放的资源：', process.getActiveResourcesInfo().join('、'));
    process.exit();
  }, EXIT_WITHIN_MS).unref();
});

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!(value >= least && value <= most)) throw new UsageError(`--${name} 应在 ${least} 与 ${most} 之间`);
  return value;
}

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
