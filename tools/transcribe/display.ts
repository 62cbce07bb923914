import type { Line } from '../../miniprogram/voice/session/voice-session.types.ts';

const ERASE_LINE = '\r\u001b[2K';
/** Characters that take two columns of a terminal. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

/** `1:02.3` of milliseconds. */
export function formatTime(ms: number): string {
  const tenths = Math.round(ms / 100);
  const seconds = Math.floor(tenths / 10);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.${tenths % 10}`;
}

/** The end of a text, as much of it as fits into `columns` of a terminal; `…` marks that the beginning was cut. */
export function truncateStart(text: string, columns: number): string {
  const chars = [...text];
  let used = 0;
  let from = chars.length;
  while (from > 0) {
    used += WIDE.test(chars[from - 1] as string) ? 2 : 1;
    if (used > columns) break;
    from--;
  }
  return from === 0 ? text : `…${chars.slice(from + 1).join('')}`;
}

/**
 * Prints a growing transcript: each stored sentence as a line of its own; sentences that may still change are rewritten in
 * place on the last line (only on a terminal).
 */
export class Display {
  readonly #out: NodeJS.WriteStream;
  readonly #words: boolean;
  #printed = -1;

  constructor(out: NodeJS.WriteStream, { words }: { words: boolean }) {
    this.#out = out;
    this.#words = words;
  }

  show(lines: readonly Line[]): void {
    for (const line of lines) {
      if (!line.settled || line.index <= this.#printed) continue;
      this.#printed = line.index;
      this.#print(line);
    }
    const open = lines.filter((line) => line.index > this.#printed).map(({ text }) => text);
    this.#transient(open.join(' '));
  }

  /** Prints a line that is not part of the transcript. */
  note(text: string): void {
    this.#transient('');
    this.#out.write(`${text}\n`);
  }

  #print({ text, startMs, endMs, words }: Line): void {
    this.note(`[${formatTime(startMs)} → ${formatTime(endMs)}] ${text}`);
    if (this.#words && words)
      this.#out.write(`    ${words.map((word) => `${word.text}(${formatTime(word.startMs)})`).join(' ')}\n`);
  }

  #transient(text: string): void {
    if (this.#out.isTTY) this.#out.write(ERASE_LINE + truncateStart(text, (this.#out.columns || 80) - 2));
  }
}
