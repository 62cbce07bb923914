/** `npm run bench:app`: how soon the app can be used, and what its pages send to their views. */
import { startTestBed } from '../../local/wechat/e2e/test-bed.ts';
import { browserFile } from '../../local/wechat/testing/browser.ts';
import { exitWhenWritten, JSON_OPTION, runTool, ToolError } from '../../tools/cli.ts';
import { coldStartMs, longHistoryCases, longSessionCases, recordingCases } from './cases.ts';
import { coldStartOf, formatReport, problemsOf } from './report.ts';

/** Cold starts, and how long a recording and scrolling are watched, ms. */
const WHOLE = { starts: 20, recordingMs: 20_000, scrollMs: 15_000 };
const QUICK = { starts: 5, recordingMs: 8_000, scrollMs: 5_000 };

await runTool(
  {
    command: 'npm run bench:app --',
    summary:
      '浏览器里的小程序：冷启动多久可以录音，setData 的字节与次数（录音时、看不见时、5,000 句的记录，10,000 条的历史）；超过上限时以 1 退出',
    options: {
      quick: { type: 'boolean', help: '次数少、时间短，约一分钟' },
      json: JSON_OPTION,
    },
  },
  '正在启动本地云与浏览器',
  async ({ values, progress }) => {
    if (browserFile === undefined)
      throw new ToolError('没有找到 Chromium：apt-get install chromium，或设置 CHROME_PATH');
    const { starts, recordingMs, scrollMs } = values.quick ? QUICK : WHOLE;
    const testBed = await startTestBed();
    try {
      const times: number[] = [];
      // The first one fills what is not the phone's: the server's and the browser's own caches.
      for (let run = 0; run <= starts; run++) {
        progress.step(`正在量冷启动 ${run}/${starts}`);
        times.push(await coldStartMs(testBed));
      }
      progress.step('正在量录音时的 setData');
      const recording = await recordingCases(testBed, recordingMs);
      progress.step('正在量 5,000 句的记录');
      const longSession = await longSessionCases(testBed, scrollMs);
      progress.step('正在量 10,000 条的历史');
      const cases = [...recording, ...longSession, ...(await longHistoryCases(testBed, scrollMs))];
      progress.end();
      const coldStart = coldStartOf(times.slice(1));
      const problems = problemsOf(cases);
      console.log(formatReport(coldStart, cases));
      for (const problem of problems) console.error(problem);
      if (values.json) console.log(JSON.stringify({ coldStart, cases, problems }));
      process.exitCode = problems.length === 0 ? 0 : 1;
    } finally {
      progress.end();
      await testBed.stop();
    }
  },
);
await exitWhenWritten();
