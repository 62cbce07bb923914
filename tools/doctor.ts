/** `npm run doctor`: whether this machine can run the local cloud, what runs, and what to do about the rest. */
import { existsSync } from 'node:fs';
import { readArgs, runTool } from './cli.ts';
import { CHECKS } from './doctor/checks.ts';

const USAGE = `用法：npm run -s doctor -- [选项]
  --port N          要检查的页面端口，默认 3000（或环境变量 PORT）
  --data DIR        本地云的数据目录，默认 .local
  --asr-model DIR   要检查的 sherpa-onnx 模型文件夹`;

await runTool(USAGE, async (args) => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { values } = readArgs({
    args,
    options: {
      port: { type: 'string', default: process.env.PORT || '3000' },
      data: { type: 'string', default: '.local' },
      'asr-model': { type: 'string' },
    },
  });
  let broken = 0;
  for (const check of CHECKS) {
    const { state, text, todo } = await check({
      port: Number(values.port),
      dataDir: values.data,
      asrModel: values['asr-model'],
      env: process.env,
    });
    if (state === 'bad') broken += 1;
    console.log(`${{ good: '✓', note: '·', bad: '✗' }[state]} ${text}`);
    if (todo) console.log(`    → ${todo}`);
  }
  if (broken > 0) process.exitCode = 1;
});
