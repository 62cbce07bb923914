import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../lib/command-line.ts';
import { JSON_OPTION, runTool, ToolError } from '../tools/cli.ts';
import type { Progress } from '../tools/progress.ts';
import { buildWorker } from './build.ts';
import { SIM_MUTATION_NAMES, simMutationPlugin } from './mutations.ts';
import { type Plan, type PlanOptions, planOf } from './plan.ts';
import { findAllRemoved } from './rules-removed.ts';
import { readSettings, SETTING_NAMES } from './settings.ts';
import { shrink } from './shrink.ts';
import { runWorker, startPlanRunner, sweep } from './sweep.ts';
import type { WorkerReport } from './worker.ts';

const FOLDER = fileURLToPath(new URL('../.local/sim/', import.meta.url));
/** Lines of the trace that are shown of a failure. */
const LAST_LINES = 40;
/** For `--break`: every rule, one at a time. */
const ALL_RULES = 'all';
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
  /** Time that instances had sessions, summed, most of it idle in long recordings. */
  sessionMinutes = 0;
  containerRequests = 0;
  readonly faults = new Map<string, number>();
  readonly failures: WorkerReport[] = [];

  add(report: WorkerReport): void {
    this.seeds += 1;
    for (const key of ['audioHours', 'hours', 'sessions', 'steps', 'cpuMs'] as const)
      this[key] += report[key];
    this.sessionMinutes += report.sessionMinutes;
    this.containerRequests += report.containerRequests;
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
      sessionHours: this.sessionMinutes / 60,
      databaseRequestsPerSessionMinute: this.containerRequests / this.sessionMinutes,
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
    console.log(
      `种子 ${report.seed}，第 ${report.steps} 步（${violation.atMs} ms）：${violation.rule}：${violation.detail}`,
    );
}

/** Makes the plan of a failure smaller and shows how it ends. */
async function explain(
  file: string,
  failure: WorkerReport,
  { replay, break: rule }: { replay?: string | undefined; break?: string | undefined },
  options: PlanOptions,
  progress: Progress,
): Promise<void> {
  const plan: Plan =
    replay === undefined
      ? planOf(failure.seed, options)
      : (JSON.parse(await readFile(replay, 'utf8')) as Plan);
  const runner = startPlanRunner(file);
  let toldMs = performance.now();
  const step = (runs: number) => {
    if (performance.now() - toldMs < TELL_EVERY_MS) return;
    toldMs = performance.now();
    console.error(`正在缩小失败的计划（运行了 ${runs} 次）……`);
  };
  const smaller = await shrink(runner, { plan, report: failure }, () => performance.now(), step).finally(() =>
    runner.stop(),
  );
  progress.end();
  const planFile = join(FOLDER, `${failure.seed}.json`);
  await writeFile(planFile, JSON.stringify(smaller.plan));
  const { sessions, faults } = smaller.plan;
  const [violation] = smaller.report.violations;
  console.log(
    `缩小到 ${sessions.length} 次录音、${faults.length} 个故障、${smaller.report.steps} 步（运行了 ${smaller.runs} 次）；` +
      `第 ${smaller.report.steps} 步：${violation?.rule}：${violation?.detail}`,
  );
  await runWorker(file, { planFile, trace: true }, ({ trace = [] }) => {
    const concerned = linesOf(trace, violation?.detail ?? '');
    console.log(`最后的过程（${concerned.length} 行中的 ${Math.min(LAST_LINES, concerned.length)} 行）：`);
    for (const line of concerned.slice(-LAST_LINES)) console.log(line);
  });
  console.log(
    `重新运行：npm run sim -- ${rule ? `--break ${rule} ` : ''}--replay ${relative(process.cwd(), planFile)} --trace`,
  );
}

/** The lines about the session that a violation names, and the faults; all lines where it names none. */
function linesOf(trace: readonly string[], detail: string): string[] {
  const number = /session-(\d+)/.exec(detail)?.[1];
  if (number === undefined) return [...trace];
  const names = new RegExp(`session-${number}|phone-${Number(number)}(?!\\d)|FAULT|VIOLATION`);
  return trace.filter((line) => names.test(line));
}

/** Takes out every rule, one at a time, and shows how many seeds it takes until that is noticed. */
async function showRemoved(
  options: PlanOptions,
  seeds: { first: number; count: number },
  progress: Progress,
  asJson: boolean,
): Promise<void> {
  const all = await findAllRemoved(options, seeds, ({ name, seed, seeds: ran, rule, detail }) => {
    progress.end();
    const how = seed === undefined ? `${ran} 个种子之内没有被发现` : `第 ${ran} 个种子：${rule}：${detail}`;
    console.log(`${name}：${how}`);
    progress.step('正在运行下一条');
  });
  if (asJson) console.log(JSON.stringify(all));
  const missed = all.filter(({ seed }) => seed === undefined).map(({ name }) => name);
  if (missed.length > 0) throw new ToolError(`没有被发现：${missed.join('、')}`);
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
      sessions: { type: 'number', value: 'K', help: '每个种子多少次录音', min: 1, max: 80, default: 5 },
      hours: {
        type: 'number',
        value: 'H',
        help: '最长的录音，小时',
        min: 0.01,
        max: 24,
        fraction: true,
        default: 0.1,
      },
      env: {
        type: 'list',
        value: '名称=值',
        help: `容器的设置，每个种子都用它：${SETTING_NAMES.join('、')}`,
      },
      trace: { type: 'boolean', help: '打印过程' },
      replay: { type: 'string', value: '文件', help: '重新运行一个保存下来的计划' },
      break: {
        type: 'string',
        value: '规则',
        help: `先去掉产品的一条规则，看多少个种子之内被发现：${SIM_MUTATION_NAMES.join('、')}；${ALL_RULES} 表示每一条`,
      },
      json: JSON_OPTION,
    },
  },
  '正在构建',
  async ({ values, progress }) => {
    const { seed, sweep: count, sessions, hours, replay, break: rule } = values;
    const options: PlanOptions = { sessions, hours, settings: readSettings(values.env) };
    const trace = values.trace === true;
    if (rule === ALL_RULES) {
      await showRemoved(options, { first: seed, count }, progress, values.json === true);
      return;
    }
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
      const isOver = (after: number) =>
        rule !== undefined && totals.failures.some((failure) => failure.seed <= after);
      const request = { options, stopAtFirst: rule !== undefined, trace };
      await sweep(file, request, { first: seed, count }, onReport, isOver);
    }
    const summary = totals.toJson(performance.now() - startedMs);
    const { audioHours, audioHoursPerMinute, sessionHours, databaseRequestsPerSessionMinute } = summary;
    console.log(
      `${summary.seeds} 个种子，${audioHours.toFixed(1)} 小时音频（每分钟 ${audioHoursPerMinute.toFixed(1)} 小时），` +
        `${totals.failures.length} 个失败`,
    );
    const hasSessions = Number.isFinite(databaseRequestsPerSessionMinute);
    if (hasSessions)
      console.log(
        `${sessionHours.toFixed(1)} 会话小时，容器每会话分钟 ${databaseRequestsPerSessionMinute.toFixed(1)} 次数据库请求` +
          '（每个种子各有上限，见 docs/reliability.md）',
      );
    const [first] = totals.failures;
    if (first) await explain(file, first, values, options, progress);
    if (values.json) console.log(JSON.stringify(summary));
    if (first)
      throw new ToolError(`规则被违反：种子 ${totals.failures.map((failure) => failure.seed).join('、')}`);
  },
);
