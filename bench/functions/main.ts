/** `npm run bench:functions`: cold starts, warm latency, and whether an action reads more documents where more is stored. */
import { join, resolve } from 'node:path';
import { exitWhenWritten, JSON_OPTION, runTool } from '../../tools/cli.ts';
import { machineOf } from '../machine.ts';
import { FUNCTIONS } from './actions.ts';
import { buildBothForms, type ColdStart, measureColdStart } from './cold-start.ts';
import { measureActions } from './measure.ts';
import { formatColdStarts, formatCosts, problemsOf } from './report.ts';

/** Sessions of the users that are compared, cold starts of each form, and warm calls of each action. */
const FULL = { sessions: [100, 10_000, 1_000_000], starts: 11, rounds: 30 };
const QUICK = { sessions: [100, 10_000], starts: 5, rounds: 20 };
/** Of one more user, who has as few sessions as the first. */
const RECENTLY_DELETED = 10_000;

await runTool(
  {
    command: 'npm run -s bench:functions --',
    summary:
      '云函数：冷启动与不打包时相比；一个用户有 100 条到 100 万条会话时，每个动作读多少文档、多久回答。会话多了就多读时以 1 退出。约三分钟',
    options: {
      quick: { type: 'boolean', help: '约一分钟：100 条与 1 万条，次数少' },
      data: {
        type: 'string',
        value: 'DIR',
        help: '构建放在哪里',
        default: join('.local', 'bench-functions'),
      },
      json: JSON_OPTION,
    },
  },
  '正在构建',
  async ({ values, progress }) => {
    const { sessions, starts, rounds } = values.quick ? QUICK : FULL;
    const data = resolve(values.data);
    const forms = await buildBothForms(data);
    const coldStarts: ColdStart[] = [];
    for (const name of FUNCTIONS) {
      progress.step(`正在量 ${name} 的冷启动`);
      coldStarts.push(await measureColdStart(name, forms[name], starts));
    }
    const nowMs = Date.now();
    const populations = [
      ...sessions.map((count) => ({ sessions: count, recentlyDeleted: 0, nowMs })),
      { sessions: sessions[0] ?? 0, recentlyDeleted: RECENTLY_DELETED, nowMs },
    ];
    const measured = await measureActions({
      populations,
      functionsDir: join(data, 'bundled'),
      rounds,
      onStep: (text) => progress.step(text),
    });
    progress.end();
    const problems = problemsOf(measured);
    console.log([machineOf(), formatColdStarts(coldStarts), formatCosts(measured)].join('\n\n'));
    for (const problem of problems) console.error(problem);
    if (values.json) console.log(JSON.stringify({ machine: machineOf(), coldStarts, measured, problems }));
    process.exitCode = problems.length === 0 ? 0 : 1;
  },
);
await exitWhenWritten();
