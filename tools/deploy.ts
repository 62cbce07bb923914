/** `npm run deploy`: everything of the service into a CloudBase environment, as cloudbaserc.json describes it. */
import { systemClock } from '../lib/clock.ts';
import { exitWhenWritten, runTool } from './cli.ts';
import { deployCommand } from './deploy/command.ts';
import { confirm } from './deploy/confirm.ts';
import { COMMAND, optionsOf } from './deploy/options.ts';
import { PACKING } from './deploy/packages.ts';

/** Of a process that ended by SIGINT, as a shell has it. */
const INTERRUPTED = 130;

await runTool(COMMAND, '正在准备', async (given) => {
  const { progress } = given;
  let summary: () => readonly string[] = () => ['还没有改动任何东西'];
  process.once('SIGINT', () => {
    progress.end();
    for (const line of ['', '中断了。', ...summary()]) console.error(line);
    process.exitCode = INTERRUPTED;
    void exitWhenWritten();
  });
  await deployCommand(optionsOf(given), {
    env: process.env,
    pack: PACKING,
    clock: systemClock,
    progress,
    print: (line) => console.log(line),
    confirm: (question) => {
      progress.end();
      return confirm(question);
    },
    onInterrupt: (say) => {
      summary = say;
    },
  });
});
