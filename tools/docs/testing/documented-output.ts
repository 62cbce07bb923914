/** A command of a `console` block, and the lines that the document says it prints. */
export interface Shown {
  command: string;
  output: string;
}

const PROMPT = '$ ';

/** The commands of a `console` block, each with the lines below it. */
export function sessionOf(text: string): Shown[] {
  const shown: Shown[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    const last = shown.at(-1);
    if (line.startsWith(PROMPT)) shown.push({ command: line.slice(PROMPT.length), output: '' });
    else if (last) last.output += line;
  }
  return shown;
}

/** What differs from run to run: how long something took, ids, and what the document leaves out. */
const VARIABLE: readonly [written: RegExp, matches: string][] = [
  [/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, '[\\w-]{8,64}'],
  [/\d+ ms/g, '\\d+ ms'],
  [/…/g, '.*'],
];

/** Matches what is printed if it is what the document shows, line by line. */
export function outputPattern(documented: string): RegExp {
  let pattern = documented.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  for (const [written, matches] of VARIABLE) pattern = pattern.replace(written, () => matches);
  return new RegExp(`^${pattern}\\s*$`);
}
