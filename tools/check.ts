/** `npm run check:rules`: what no linter checks: whether `npm ci` works, what would be deployed, and what the documents name. */
import { commandProblems } from './check/commands.ts';
import { deploymentProblems } from './check/deploy.ts';
import { docsProblems } from './check/docs.ts';
import { imageProblems } from './check/image.ts';
import { lockfileProblems } from './check/lockfile.ts';
import { manualProblems } from './check/manuals.ts';
import { allTranslationProblems } from './check/translations.ts';
import { githubProblems } from './check/workflows.ts';
import { runTool } from './cli.ts';
import { apiPageProblems } from './docs/api-page.ts';
import { sidebarProblems } from './docs-site/groups.ts';
import { openApiProblems } from './openapi/file.ts';

await runTool(
  {
    command: 'npm run check:rules --',
    summary: '检查锁文件、接口描述、文档、部署配置、镜像与工作流',
    options: {},
  },
  '正在检查',
  async () => {
    const problems = [
      ...lockfileProblems(),
      ...openApiProblems(),
      ...apiPageProblems(),
      ...sidebarProblems(),
      ...(await docsProblems()),
      ...commandProblems(),
      ...allTranslationProblems(),
      ...(await manualProblems()),
      ...(await deploymentProblems()),
      ...(await imageProblems()),
      ...(await githubProblems()),
    ];
    for (const problem of problems) console.error(problem);
    console.log(
      problems.length === 0
        ? '锁文件、接口描述、文档、部署配置、镜像、工作流：没有问题'
        : `${problems.length} 个问题`,
    );
    process.exitCode = problems.length === 0 ? 0 : 1;
  },
);
