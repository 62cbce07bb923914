import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.ts';
import { openApiDocument } from './document.ts';

export const OPENAPI_FILE = 'docs/openapi.json';

/** What the file has to contain. */
export function openApiText(): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return `${JSON.stringify(openApiDocument(version), null, 2)}\n`;
}

/** Whether the committed description is the one that the schemas make now. */
export function openApiProblems(): string[] {
  const path = join(ROOT, OPENAPI_FILE);
  const fine = existsSync(path) && readFileSync(path, 'utf8') === openApiText();
  return fine ? [] : [`${OPENAPI_FILE}：与 contract/ 的校验规则不一致，请运行 npm run openapi`];
}
