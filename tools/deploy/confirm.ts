import { createInterface } from 'node:readline/promises';

const YES = /^(?:y|yes|是|好)$/i;

/** Asks people whether to go on; without a terminal nobody is asked, and it goes on. */
export async function confirm(
  question: string,
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WriteStream = process.stderr,
): Promise<boolean> {
  if (!input.isTTY || !output.isTTY) return true;
  const lines = createInterface({ input, output });
  // a terminal in raw mode makes no signal of Ctrl-C
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return YES.test((await lines.question(`${question}[y/N] `)).trim());
  } finally {
    lines.close();
  }
}
