/** `npm run test:deploy`: what is deployed, with the vendor's own tools, against a cloud on loopback. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runTool } from './cli.ts';
import { install, isInstalled } from './deploy/tool-package.ts';
import { MANAGER_PACKAGE, REAL_TOOLS } from './deploy/tool-packages.ts';
import { ROOT } from './root.ts';

await runTool(
  {
    command: 'npm run test:deploy --',
    summary:
      '用真的部署工具（manager-node、tcb、CloudBase Framework）对着本机的记录云测试部署；第一次运行时安装它们',
    options: {
      'manager-only': { type: 'boolean', help: '只测 npm run deploy，不安装、不测 tcb 与 Framework' },
    },
  },
  '正在准备',
  async ({ values, progress }) => {
    const wanted = values['manager-only'] ? [MANAGER_PACKAGE] : [MANAGER_PACKAGE, REAL_TOOLS];
    for (const one of wanted.filter((each) => !isInstalled(each))) {
      progress.step(`正在安装 ${one.name}`);
      await install(one, process.env);
    }
    progress.end();
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const child = spawn(process.execPath, [vitest, 'run', '--project', 'process', 'tools/deploy'], {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        REQUIRE_DEPLOY: '1',
        ...(values['manager-only'] ? {} : { REQUIRE_REAL_TOOLS: '1' }),
      },
    });
    const [code] = (await once(child, 'close')) as [number | null];
    process.exitCode = code ?? 1;
  },
);
