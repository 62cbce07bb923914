import { expect, test, vi } from 'vitest';
import { TRANSLATIONS } from '../check/translations.ts';
import { type Block, blocksOf } from './markdown.ts';
import { isCommand, isRunBy } from './marks.ts';
import { markdownPages } from './pages.ts';
import { differenceFrom } from './testing/documented-answer.ts';
import { outputPattern, sessionOf } from './testing/documented-output.ts';
import { FILLED_IN, runBlocks, useLocalCloud } from './testing/run-blocks.ts';

// a recording takes as long as it is; commands of several pages run at the same time
vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });

const THIS_TEST = 'tools/docs/documented-commands.test.ts';
/** They change how the cloud answers everybody, so they run when nothing else does. */
const DISTURBING: ReadonlySet<string> = new Set(['docs/local-cloud.md']);

// a translation has the same commands, which `npm run check` compares
const translated = new Set(TRANSLATIONS.map(([, english]) => english));
const pages = [...markdownPages()]
  .filter(([file]) => !translated.has(file))
  .map(([file, text]) => ({ file, blocks: blocksOf(text) }))
  .filter(({ blocks }) => blocks.some((block) => isRunBy(block, THIS_TEST)));

const cloud = useLocalCloud();

/** What a person does by hand between two commands: the settings are filled in. */
const followedByHand = ({ text }: Block): string => (text.includes('cp .env.example .env') ? FILLED_IN : '');

/** Runs a page's commands in order, and compares what they print with what the page shows below them. */
async function runPage(blocks: readonly Block[]): Promise<void> {
  const commands = blocks.filter((block) => isCommand(block) && isRunBy(block, THIS_TEST));
  const sessions = commands.map((block) =>
    block.language === 'console' ? sessionOf(block.text) : [{ command: block.text, output: undefined }],
  );
  const scripts = commands.flatMap((block, i) =>
    (sessions[i] ?? []).map(({ command }) => ({ text: `${command}${followedByHand(block)}` })),
  );
  const printed = await runBlocks(scripts, cloud);
  expect(printed).toHaveLength(scripts.length);
  let at = 0;
  for (const [i, block] of commands.entries()) {
    for (const { command, output } of sessions[i] ?? []) {
      const answer = printed[at] ?? '';
      at += 1;
      if (output !== undefined) expect(answer, command).toMatch(outputPattern(output));
      const next = blocks[blocks.indexOf(block) + 1];
      if (next?.language === 'json')
        expect(differenceFrom(JSON.parse(next.text), JSON.parse(answer)), command).toBeUndefined();
    }
  }
}

test('there are commands to run, on the pages where people begin', () => {
  expect(pages.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['README.md', 'docs/quickstart.md', 'docs/doctor.md', 'docs/local-cloud.md']),
  );
});

const runs = (disturbing: boolean): [file: string, blocks: Block[]][] =>
  pages.filter(({ file }) => DISTURBING.has(file) === disturbing).map(({ file, blocks }) => [file, blocks]);

test.concurrent.each(runs(false))('%s: every command, word for word', (_, blocks) => runPage(blocks));
test.each(runs(true))('%s: every command, word for word', (_, blocks) => runPage(blocks));
