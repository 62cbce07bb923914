import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sectionsOf } from '../docs/markdown.ts';
import { isCommand, markOf } from '../docs/marks.ts';
import { markdownPages } from '../docs/pages.ts';
import { ROOT } from '../root.ts';

/** What runs in continuous integration: tests, and the script that calls them. */
const RUNS_COMMANDS = /\.test\.ts$|^\.ci\/run$/;
/** In a block that is only indented, nobody looks for commands. */
const INDENTED_COMMAND = /^ {4,}(?:npm|npx|node|tcb|curl|git|docker|wscat) /;

/**
 * Commands of a page of which nobody knows whether they work: neither marked with the test that runs them, nor with the reason why
 * none can.
 * @param exists whether there is a file; path from the root
 */
export function untestedCommands(
  file: string,
  markdown: string,
  exists: (path: string) => boolean,
): string[] {
  const problems: string[] = [];
  for (const { lines, blocks, line: first } of sectionsOf(markdown)) {
    for (const text of lines)
      if (INDENTED_COMMAND.test(text))
        problems.push(`${file}：「${text.trim()}」应写成 \`\`\`bash 代码块（${first} 行起的一节）`);
    for (const block of blocks.filter(isCommand)) {
      const at = `${file}:${block.line}`;
      const mark = markOf(block);
      if (mark === undefined)
        problems.push(
          `${at}：命令块前一行要写明由哪个测试运行 <!-- run by: 测试文件 -->，或为什么不能运行 <!-- not run: 原因 -->`,
        );
      else if ('runBy' in mark)
        for (const test of mark.runBy)
          if (!(RUNS_COMMANDS.test(test) && exists(test))) problems.push(`${at}：没有测试 ${test}`);
    }
  }
  return problems;
}

/** Problems of all Markdown files. */
export const commandProblems = (): string[] =>
  [...markdownPages()].flatMap(([file, text]) =>
    untestedCommands(file, text, (path) => existsSync(join(ROOT, path))),
  );
