/** `npm run bench:recovery`: how soon text is back on the phone's screen after a fault, and has caught up with speech. */
import { join } from 'node:path';
import { UsageError } from '../../lib/command-line.ts';
import { exitWhenWritten, JSON_OPTION, runTool } from '../../tools/cli.ts';
import { type Cell, type CellOptions, runCell } from './cell.ts';
import { FAULT_KINDS } from './faults.ts';
import { chooseCells } from './matrix.ts';
import { type CellSummary, formatCell, formatTable, isFaultless, labelOf, summariseCell } from './report.ts';
import { SPEECHES } from './speech.ts';

/** When the fault happens, s of the recording: later in the whole run, since what is heard again is longer then. */
const AT_S = 25;
const QUICK_AT_S = 10;

const namesOf = (some: readonly { id: string }[]): string => some.map(({ id }) => id).join('、');

await runTool(
  {
    command: 'npm run bench:recovery --',
    summary: '十部手机同时说话，其间发生一次故障：多久又有新文字，多久追上说话。丢了或重了一个词就以 1 退出',
    options: {
      quick: { type: 'boolean', help: '只测五种故障，只停 0.4 秒的话，约四分钟' },
      only: {
        type: 'string',
        value: 'A/B,…',
        help: `只要这些：故障（${namesOf(FAULT_KINDS)}）/ 说话（${namesOf(SPEECHES)}），可只写一半`,
      },
      at: {
        type: 'number',
        value: 'S',
        help: `说到第几秒时发生故障，默认 ${AT_S}，--quick 时 ${QUICK_AT_S}；cut-60 总在第 15 秒`,
        min: 5,
        max: 50,
      },
      sessions: {
        type: 'number',
        value: 'K',
        help: '同时说话的手机数，默认 10',
        min: 1,
        max: 50,
        default: 10,
      },
      seed: { type: 'number', value: 'N', help: '决定说什么，默认 1', min: 0, max: 2 ** 31, default: 1 },
      data: { type: 'string', value: 'DIR', help: '数据与诊断放在哪里', default: join('.local', 'recovery') },
      json: JSON_OPTION,
    },
  },
  '正在启动',
  async ({ values, progress }) => {
    const { quick, only, at = quick ? QUICK_AT_S : AT_S, sessions, seed, data } = values;
    const cells = chooseCells({ quick, only });
    if (cells.length === 0) throw new UsageError('--quick 与 --only 没有共同的故障');
    // from here on it says itself what it does
    progress.end();
    const summaries = await runAll(cells, { atMs: at * 1000, sessions, seed }, data);
    console.log(`\n${formatTable(summaries)}`);
    if (values.json) console.log(JSON.stringify({ seed, sessions, cells: summaries }));
    process.exitCode = summaries.every(isFaultless) ? 0 : 1;
  },
);
await exitWhenWritten();

/** Runs the cells one after the other, and says how far it is. */
async function runAll(
  cells: readonly Cell[],
  options: Pick<CellOptions, 'atMs' | 'sessions' | 'seed'>,
  folder: string,
): Promise<CellSummary[]> {
  const log = (line: string): void => console.log(line);
  const summaries: CellSummary[] = [];
  for (const [i, cell] of cells.entries()) {
    const names = { kind: cell.kind.id, speech: cell.speech.id };
    log(`[${i + 1} / ${cells.length}] ${labelOf(names)}（${names.kind}/${names.speech}）`);
    const dataDir = join(folder, `${names.kind}-${names.speech}`);
    const summary = summariseCell(await runCell(cell, { ...options, dataDir, log }));
    summaries.push(summary);
    log(`  ${formatCell(summary)}`);
    if (!isFaultless(summary)) log(`  诊断：${dataDir}（speaker-*.txt、timeline.jsonl、logs/）`);
  }
  return summaries;
}
