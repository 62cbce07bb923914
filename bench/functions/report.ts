import type { ColdStart } from './cold-start.ts';
import { type ActionCost, describePopulation, type MeasuredCosts } from './measure.ts';

const table = (rows: readonly (readonly string[])[]): string =>
  [rows[0] ?? [], (rows[0] ?? []).map(() => '---'), ...rows.slice(1)]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

/** Cold starts as a Markdown table, ratios first. */
export const formatColdStarts = (starts: readonly ColdStart[]): string =>
  table([
    ['云函数', '打包 ÷ 不打包', '打包（毫秒）', '不打包（毫秒）', '各几次'],
    ...starts.map(({ name, runs, bundledMs, unbundledMs }) => [
      name,
      times(bundledMs / unbundledMs),
      bundledMs.toFixed(0),
      unbundledMs.toFixed(0),
      String(runs),
    ]),
  ]);

/** What every action cost with every population as a Markdown table, ratios first. */
export function formatCosts(measured: readonly MeasuredCosts[]): string {
  const [smallest, ...others] = (measured[0]?.costs ?? []).map(({ population }) =>
    describePopulation(population),
  );
  const rows = measured.map(({ action, costs: [first, ...rest] }) => [
    action,
    ...rest.map((cost) => (first ? latencyRatios(first, cost) : '')),
    ...[first, ...rest].map((cost) => String(cost?.documents ?? '')),
    String(first?.requests ?? ''),
    first ? `${first.tookMs.p50.toFixed(1)} / ${first.tookMs.p95.toFixed(1)}` : '',
  ]);
  return table([
    [
      '动作',
      ...others.map((name) => `p50 / p95：${name} ÷ ${smallest}`),
      ...[smallest, ...others].map((name) => `读的文档：${name}`),
      '请求',
      `p50 / p95（毫秒）：${smallest}`,
    ],
    ...rows,
  ]);
}

const latencyRatios = ({ tookMs: few }: ActionCost, { tookMs: many }: ActionCost): string =>
  `${(many.p50 / few.p50).toFixed(2)} / ${times(many.p95 / few.p95)}`;

/** Actions that read more documents, or ask more often, where more is stored; in words, empty: none. */
export const problemsOf = (measured: readonly MeasuredCosts[]): string[] =>
  measured.flatMap(({ action, costs: [first, ...rest] }) =>
    rest.flatMap((cost) => (first ? growthOf(action, first, cost) : [])),
  );

function growthOf(action: string, first: ActionCost, cost: ActionCost): string[] {
  const [few, many] = [describePopulation(first.population), describePopulation(cost.population)];
  const grows = (what: string, before: number, after: number): string[] =>
    after > before ? [`${action}：${few}时${what} ${before}，${many}时 ${after}`] : [];
  return [
    ...grows('读的文档', first.documents, cost.documents),
    ...grows('数据库请求', first.requests, cost.requests),
  ];
}
