/** `npm run -s release-notes -- VERSION`: what the changelog says of a version, for the page of its release. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../lib/command-line.ts';
import { runTool } from './cli.ts';
import { sectionOf, versionOfTag } from './release/changelog.ts';
import { ROOT } from './root.ts';

await runTool(
  {
    command: 'npm run -s release-notes --',
    summary: '打印 CHANGELOG.md 里一个版本的内容',
    args: [{ name: '版本', help: '例如 0.1.0', optional: true }],
    options: {
      tag: { type: 'string', value: 'TAG', help: '代替版本：发布用的标签，必须是 v 加 package.json 的版本' },
    },
    examples: ['npm run -s release-notes -- 0.1.0', 'npm run -s release-notes -- --tag v0.1.0'],
  },
  '正在读 CHANGELOG.md',
  async ({ values: { tag }, args: [version] }) => {
    if ((tag === undefined) === (version === undefined)) throw new UsageError('请给出版本或 --tag，二者之一');
    const { version: current } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const changelog = await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8');
    console.log(sectionOf(changelog, version ?? versionOfTag(tag ?? '', current)));
  },
);
