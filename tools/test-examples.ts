/** `npm run test:examples`: the examples, built with their own tools and run in the browser host against the local cloud. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runTool, ToolError } from './cli.ts';
import { EXAMPLES } from './examples/examples.ts';
import { installExample, isInstalled } from './examples/install.ts';
import { ROOT } from './root.ts';

await runTool(
  {
    command: 'npm run test:examples --',
    summary:
      '安装、编译 examples/ 里的小程序，在浏览器宿主里对着本地云各录一次音；第一次运行时安装它们的工具（在临时文件夹里）',
    options: {
      only: { type: 'string', value: 'NAME', help: '只测一个：examples/ 里文件夹的名字' },
      'install-only': { type: 'boolean', help: '只安装，不测试' },
    },
  },
  '正在准备',
  async ({ values, progress }) => {
    const wanted = EXAMPLES.filter(({ name }) => values.only === undefined || name === values.only);
    if (wanted.length === 0)
      throw new ToolError(`没有这个例子：${values.only}。有 ${EXAMPLES.map(({ name }) => name).join('、')}`);
    const missing = wanted.filter((each) => !isInstalled(each));
    if (missing.length > 0) progress.step(`正在安装 ${missing.map(({ name }) => name).join('、')} 的工具`);
    await Promise.all(missing.map(installExample));
    progress.end();
    if (values['install-only']) return;
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const names = values.only === undefined ? [] : ['-t', values.only];
    const child = spawn(
      process.execPath,
      [vitest, 'run', '--project', 'browser', 'tools/examples', ...names],
      {
        cwd: ROOT,
        stdio: 'inherit',
        env: {
          ...process.env,
          REQUIRE_BROWSER: '1',
          ...(values.only === undefined && { REQUIRE_EXAMPLES: '1' }),
        },
      },
    );
    const [code] = (await once(child, 'close')) as [number | null];
    process.exitCode = code ?? 1;
  },
);
