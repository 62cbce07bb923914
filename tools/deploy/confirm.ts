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
  try {
    return YES.test((await lines.question(`${question}[y/N] `)).trim());
  } finally {
    lines.close();
  }
}
