/** `npm run bench:counts`: what the container does for a second of audio, in numbers that do not depend on the machine. */
import { join, resolve } from 'node:path';
import { exitWhenWritten, JSON_OPTION, runTool, ToolError } from '../../tools/cli.ts';
import { COUNT_LIMITS, WASTE } from './limits.ts';
import { measureCounts } from './measure.ts';
import { excessOf, formatCounts } from './report.ts';

await runTool(
  {
    command: 'npm run -s bench:counts --',
    summary:
      '容器为一秒音频做多少事：写多少次、分配多少字节、请求数据库多少次。不依赖机器，超过上限以 1 退出。约十秒',
    options: {
      waste: { type: 'list', value: 'WHAT', help: `故意浪费：${WASTE.join('、')}；应当以 1 退出` },
      data: { type: 'string', value: 'DIR', help: '构建放在哪里', default: join('.local', 'bench-counts') },
      json: JSON_OPTION,
    },
  },
  '正在构建并启动',
  async ({ values, progress }) => {
    const waste = WASTE.filter((name) => values.waste.includes(name));
    if (waste.length < values.waste.length) throw new ToolError(`--waste 只能是 ${WASTE.join('、')}`);
    const folder = resolve(values.data);
    const counts = await measureCounts({
      folder,
      waste,
      progress: (what) => progress.step(`正在测量：${what}`),
    });
    progress.end();
    console.log(formatCounts(counts));
    if (values.json) console.log(JSON.stringify({ counts, limits: COUNT_LIMITS }));
    const excess = excessOf(counts);
    if (excess.length > 0) throw new ToolError(excess.join('\n'));
  },
);
await exitWhenWritten();
