/** `npm run openapi`: writes the description of the HTTP API. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from './cli.ts';
import { OPENAPI_FILE, openApiText } from './openapi/file.ts';
import { ROOT } from './root.ts';

await runTool(
  {
    command: 'npm run -s openapi --',
    summary: `由 contract/ 的校验规则生成 ${OPENAPI_FILE}（OpenAPI 3.1）`,
    options: {},
  },
  '正在生成',
  async () => {
    await writeFile(join(ROOT, OPENAPI_FILE), openApiText());
    console.log(OPENAPI_FILE);
  },
);
