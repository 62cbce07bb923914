/** `npm run doctor`: whether this machine can run the local cloud, what runs, and what to do about the rest. */
import { existsSync } from 'node:fs';
import { runTool } from './cli.ts';
import { CHECKS } from './doctor/checks.ts';
import { DATA_OPTION } from './running.ts';

const DEFAULT_PORT = '3000';

await runTool(
  {
    command: 'npm run -s doctor --',
    summary: '检查这台机器能否运行本地云、什么在运行，以及缺了什么怎么办',
    options: {
      port: {
        type: 'number',
        value: 'N',
        help: '要检查的页面端口，默认 3000（或环境变量 PORT）',
        min: 0,
        max: 65_535,
      },
      data: DATA_OPTION,
      'asr-model': { type: 'string', value: 'DIR', help: '要检查的 sherpa-onnx 模型文件夹' },
    },
  },
  '正在检查',
  async ({ values }) => {
    if (existsSync('.env')) process.loadEnvFile('.env');
    let broken = 0;
    for (const check of CHECKS) {
      const { state, text, todo } = await check({
        port: values.port ?? Number(process.env.PORT || DEFAULT_PORT),
        dataDir: values.data,
        asrModel: values['asr-model'],
        env: process.env,
      });
      if (state === 'bad') broken += 1;
      console.log(`${{ good: '✓', note: '·', bad: '✗' }[state]} ${text}`);
      if (todo) console.log(`    → ${todo}`);
    }
    if (broken > 0) process.exitCode = 1;
  },
);
