import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../lib/command-line.ts';
import { JSON_OPTION, runTool, ToolError } from '../tools/cli.ts';
import { buildWorker } from './build.ts';
import { SIM_MUTATION_NAMES, simMutationPlugin } from './mutations.ts';
import { type Plan, type PlanOptions, planOf } from './plan.ts';
import { shrink } from './shrink.ts';
import { runWorker, sweep } from './sweep.ts';
import type { WorkerReport } from './worker.ts';

const FOLDER = fileURLToPath(new URL('../.local/sim/', import.meta.url));
/** Lines of the trace that are shown of a failure. */
const LAST_LINES = 40;
/** How far a sweep is, at most this often. */
const TELL_EVERY_MS = 5_000;

/** What a number of runs came to. */
class Totals {
  seeds = 0;
  audioHours = 0;
  hours = 0;
  sessions = 0;
  steps = 0;
  cpuMs = 0;
  readonly faults = new Map<string, number>();
  readonly failures: WorkerReport[] = [];

  add(report: WorkerReport): void {
    this.seeds += 1;
    for (const key of ['audioHours', 'hours', 'sessions', 'steps', 'cpuMs'] as const)
      this[key] += report[key];
    for (const kind of report.faults) this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    if (report.violations.length > 0) this.failures.push(report);
  }

  toJson(wallMs: number) {
    const { seeds, audioHours, hours, sessions, steps, cpuMs, faults, failures } = this;
    return {
      seeds,
      failures: failures.map(({ seed, violations }) => ({ seed, ...violations[0] })),
      audioHours,
      hours,
      sessions,
      steps,
      cpuMsPerSeed: cpuMs / seeds,
      wallMs,
      audioHoursPerMinute: (audioHours * 60_000) / wallMs,
      faults: Object.fromEntries([...faults].sort()),
    };
  }
}

function show(report: WorkerReport, totals: Totals): void {
  totals.add(report);
  for (const line of report.trace ?? []) console.log(line);
  const [violation] = report.violations;
  if (violation)
    console.log(`种子 ${report.seed}：${violation.rule}：${violation.detail}（${violation.atMs} ms）`);
}

/** Makes the plan of a failure smaller and shows how it ends. */
async function explain(
  file: string,
  failure: WorkerReport,
  replayed: string | undefined,
  options: PlanOptions,
): Promise<void> {
  const plan: Plan =
    replayed === undefined
      ? planOf(failure.seed, options)
      : (JSON.parse(await readFile(replayed, 'utf8')) as Plan);
  const planFile = join(FOLDER, `${failure.seed}.json`);
  const { plan: smaller, runs } = await shrink(file, plan, failure.violations[0]?.rule ?? '', planFile);
  console.log(
    `缩小到 ${smaller.sessions.length} 次录音、${smaller.faults.length} 个故障（运行了 ${runs} 次）：npm run sim -- --replay .local/sim/${failure.seed}.json --trace`,
  );
  await runWorker(file, { planFile, trace: true }, ({ trace = [] }) => {
    for (const line of trace.slice(-LAST_LINES)) console.log(line);
  });
}

await runTool(
  {
    command: 'npm run sim --',
    summary:
      '在虚拟时间里运行整个系统：小程序的会话与客户端、容器、存储、云函数的收尾；网络、数据库与识别服务是模拟的。' +
      '同一个种子每次得到同样的过程。有规则被违反时以 1 退出，缩小后的计划写在 .local/sim/<种子>.json',
    options: {
      seed: {
        type: 'number',
        value: 'N',
        help: '种子；与 --sweep 一起时是第一个',
        min: 0,
        max: 2 ** 31,
        default: 1,
      },
      sweep: {
        type: 'number',
        value: 'K',
        help: '连续运行 K 个种子，用上全部核',
        min: 1,
        max: 1e6,
        default: 1,
      },
      sessions: { type: 'number', value: 'K', help: '每个种子多少次录音', min: 1, max: 80, default: 6 },
      hours: {
        type: 'number',
        value: 'H',
        help: '最长的录音，小时',
        min: 0.01,
        max: 24,
        fraction: true,
        default: 0.1,
      },
      trace: { type: 'boolean', help: '打印过程' },
      replay: { type: 'string', value: '文件', help: '重新运行一个保存下来的计划' },
      break: {
        type: 'string',
        value: '规则',
        help: `先去掉产品的一条规则，看多少个种子之内被发现：${SIM_MUTATION_NAMES.join('、')}`,
      },
      json: JSON_OPTION,
    },
  },
  '正在构建',
  async ({ values, progress }) => {
    const { seed, sweep: count, sessions, hours, replay, break: rule } = values;
    const options: PlanOptions = { sessions, hours };
    const trace = values.trace === true;
    if (rule !== undefined && !SIM_MUTATION_NAMES.includes(rule)) throw new UsageError(`没有规则 ${rule}`);
    await mkdir(FOLDER, { recursive: true });
    const file = await buildWorker(
      rule ? `without-${rule}` : 'worker',
      rule ? [simMutationPlugin(rule)] : [],
    );
    const totals = new Totals();
    const startedMs = performance.now();
    let toldMs = startedMs;
    const onReport = (report: WorkerReport) => {
      show(report, totals);
      const { seeds, audioHours, failures } = totals;
      if (performance.now() - toldMs < TELL_EVERY_MS) return;
      toldMs = performance.now();
      progress.end();
      console.error(`${seeds}/${count} 个种子，${audioHours.toFixed(1)} 小时音频，${failures.length} 个失败`);
    };
    progress.step(`正在运行 ${count} 个种子`);
    if (replay !== undefined) await runWorker(file, { planFile: replay, trace }, onReport);
    else {
      // Without a rule the first failure is what is looked for.
      const isOver = () => rule !== undefined && totals.failures.length > 0;
      const request = { options, stopAtFirst: rule !== undefined, trace };
      await sweep(file, request, { first: seed, count }, onReport, isOver);
    }
    const summary = totals.toJson(performance.now() - startedMs);
    const { audioHours, audioHoursPerMinute } = summary;
    console.log(
      `${summary.seeds} 个种子，${audioHours.toFixed(1)} 小时音频（每分钟 ${audioHoursPerMinute.toFixed(1)} 小时），` +
        `${totals.failures.length} 个失败`,
    );
    const [first] = totals.failures;
    if (first) {
      progress.step('正在缩小失败的计划');
      await explain(file, first, replay, options);
    }
    if (values.json) console.log(JSON.stringify(summary));
    if (first)
      throw new ToolError(`规则被违反：种子 ${totals.failures.map((failure) => failure.seed).join('、')}`);
  },
);
