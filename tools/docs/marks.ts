import type { Block } from './markdown.ts';

/**
 * How it is known that a documented command works, as the comment before its block says:
 * - `<!-- run by: tools/docs/documented-commands.test.ts -->`: these tests run it, or the same
 * - `<!-- not run: 原因 -->`: only a console, an account or hours could
 */
export type Mark = { runBy: readonly string[] } | { notRun: string };

const RUN_BY = /^run by: (\S.*)$/;
const NOT_RUN = /^not run: (\S.*)$/;
const COMMANDS: ReadonlySet<string> = new Set(['bash', 'sh', 'shell', 'console']);

/** Whether the block holds what people type into a shell. */
export const isCommand = ({ language }: Block): boolean => COMMANDS.has(language);

/** The block's mark; undefined: it has none. */
export function markOf({ comment = '' }: Block): Mark | undefined {
  const [, tests] = RUN_BY.exec(comment) ?? [];
  if (tests !== undefined) return { runBy: tests.split(/\s+/) };
  const [, reason] = NOT_RUN.exec(comment) ?? [];
  return reason === undefined ? undefined : { notRun: reason };
}

/** Whether this test has to run the block. */
export function isRunBy(block: Block, test: string): boolean {
  const mark = markOf(block);
  return mark !== undefined && 'runBy' in mark && mark.runBy.includes(test);
}
