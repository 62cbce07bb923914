/** `npm run docs:api`: writes the generated parts of the page about every interface. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from './cli.ts';
import { API_PAGE, withGeneratedRegions } from './docs/api-page.ts';
import { readPage } from './docs/pages.ts';
import { ROOT } from './root.ts';

await runTool(
  {
    command: 'npm run -s docs:api --',
    summary: `由 contract/ 与客户端的源码重写 ${API_PAGE} 里生成的部分：签名、类型、错误码、上限`,
    options: {},
  },
  '正在生成',
  async () => {
    await writeFile(join(ROOT, API_PAGE), withGeneratedRegions(readPage(API_PAGE)));
    console.log(API_PAGE);
  },
);
