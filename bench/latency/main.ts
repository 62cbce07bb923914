/** `npm run bench:latency`: from the microphone to text on the screen, step by step. */
import { browserFile } from '../../local/wechat/testing/browser.ts';
import { exitWhenWritten, JSON_OPTION, runTool, ToolError } from '../../tools/cli.ts';
import { machineOf } from '../machine.ts';
import { measureLatency } from './measure.ts';
import { formatReport, LIMIT_MS, problemsOf } from './report.ts';
import { UnusableNotes } from './stages.ts';

const WHOLE = { leadMs: 10_000, windowMs: 180_000 };
const QUICK = { leadMs: 8_000, windowMs: 30_000 };

await runTool(
  {
    command: 'npm run bench:latency --',
    summary: `浏览器里的小程序，从麦克风到屏幕上的文字，每一步多少毫秒；除了麦克风、识别服务与屏幕，我们加的 p95 超过 ${LIMIT_MS} 毫秒时以 1 退出。约四分钟`,
    options: {
      quick: { type: 'boolean', help: '说 30 秒，约一分钟' },
      json: JSON_OPTION,
    },
  },
  '正在启动本地云与浏览器，然后按说话的速度录音',
  async ({ values, progress }) => {
    if (browserFile === undefined)
      throw new ToolError('没有找到 Chromium：apt-get install chromium，或设置 CHROME_PATH');
    const measurement = await measureLatency(values.quick ? QUICK : WHOLE).catch((error) => {
      throw error instanceof UnusableNotes ? new ToolError(`${error.message}；在空闲的机器上再量`) : error;
    });
    progress.end();
    const machine = `${machineOf()}，负载是核数的 ${measurement.loadPerCore.toFixed(1)} 倍`;
    const problems = problemsOf(measurement);
    console.log(`${machine}，${formatReport(measurement)}`);
    for (const problem of problems) console.error(problem);
    if (values.json) console.log(JSON.stringify({ machine, ...measurement, problems }));
    process.exitCode = problems.length === 0 ? 0 : 1;
  },
);
await exitWhenWritten();
