/**
 * `npm run bench:soak`: what a container holds after a long time: a session of two hours, and many phones whose connections are lost
 * all the time. Memory, timers and listeners are counted, class by class, and do not grow.
 */
import { join, resolve } from 'node:path';
import { exitWhenWritten, JSON_OPTION, runTool, ToolError } from '../../tools/cli.ts';
import { machineOf } from '../machine.ts';
import { LEAKS, type Leak } from './leaks.ts';
import { describeSoak, formatSoak, summaryOfSoak } from './report.ts';
import {
  LONG_SESSION,
  lasting,
  MANY_STREAMS,
  QUICK,
  runSoak,
  type SoakPlan,
  type SoakResult,
} from './soak.ts';

const PLANS: Readonly<Record<string, SoakPlan>> = { long: LONG_SESSION, many: MANY_STREAMS, quick: QUICK };
const MINUTE_MS = 60_000;

await runTool(
  {
    command: 'npm run -s bench:soak --',
    summary:
      '长时间运行之后，容器里有没有东西越来越多：两小时的会话（60 倍速，机器忙时慢一些），200 路不断掉线（半小时以上）',
    options: {
      quick: { type: 'boolean', help: '只运行一分半钟音频的那一种，与 npm test 里的相同' },
      only: { type: 'list', value: 'NAME', help: '只运行 long（两小时的会话）或 many（200 路）' },
      minutes: { type: 'number', value: 'N', help: '每路说多少分钟；会话的长短按比例', min: 1, max: 600 },
      streams: { type: 'number', value: 'N', help: '多少路', min: 1, max: 2_000 },
      speed: { type: 'number', value: 'N', help: '时间快多少倍', min: 1, max: 240 },
      leak: {
        type: 'string',
        value: 'WHAT',
        help: `每个连接故意泄漏一个：${LEAKS.join('、')}；应当以 1 退出`,
      },
      data: {
        type: 'string',
        value: 'DIR',
        help: '构建与堆快照放在哪里',
        default: join('.local', 'bench-soak'),
      },
      json: JSON_OPTION,
    },
  },
  '正在构建并启动',
  async ({ values, progress }) => {
    const { quick, only, minutes, streams, speed, json } = values;
    const leak = LEAKS.find((name) => name === values.leak) satisfies Leak | undefined;
    if (values.leak !== undefined && leak === undefined)
      throw new ToolError(`--leak 只能是 ${LEAKS.join('、')}`);
    const names = quick
      ? ['quick']
      : ['long', 'many'].filter((name) => only.length === 0 || only.includes(name));
    const results: SoakResult[] = [];
    for (const name of names) {
      const whole = PLANS[name] as SoakPlan;
      const plan = minutes === undefined ? whole : lasting(whole, minutes * MINUTE_MS);
      const given = {
        ...(streams !== undefined && { streams }),
        ...(speed !== undefined && { speed }),
      };
      const changed = Object.entries({ 分钟: minutes, 路: streams, 倍: speed })
        .filter(([, value]) => value !== undefined)
        .map(([unit, value]) => `${value} ${unit}`);
      const described = changed.length === 0 ? plan.name : `${plan.name}（改为 ${changed.join('、')}）`;
      const result = await runSoak(
        { ...plan, ...given, name: described },
        { folder: resolve(values.data), leak, progress: (what) => progress.step(`正在运行：${what}`) },
      );
      progress.end();
      console.log(describeSoak(result));
      results.push(result);
    }
    console.log(`\n${machineOf()}\n\n${formatSoak(results)}`);
    if (json) console.log(JSON.stringify({ machine: machineOf(), results: results.map(summaryOfSoak) }));
    const problems = results.flatMap((result) => result.problems);
    if (problems.length > 0) throw new ToolError(`有 ${problems.length} 样东西随时间增加，或没有消失`);
  },
);
await exitWhenWritten();
