import { shanghaiTime } from '../../../contract/day.ts';
import { clockText, type Format, linesOf, textOf, timesOf } from './format.ts';

/** A spreadsheet that opens the file would run a line that begins like this as a formula. */
const guardFormula = (line: string): string => (/^\s*[=+\-@]/.test(line) ? `'${line}` : line);

export const txt: Format = {
  mimeType: 'text/plain; charset=utf-8',
  head: (session) => {
    const title = linesOf(session.title).join(' ');
    const about = `${shanghaiTime(session.startedAt)}　时长 ${clockText(session.durationMs)}`;
    return `${title ? `${guardFormula(title)}\n` : ''}${about}\n\n`;
  },
  piece: (piece) => {
    const lines = linesOf(textOf(piece)).map(guardFormula);
    return lines.length > 0 ? `[${clockText(timesOf(piece).startMs)}] ${lines.join('\n')}\n` : '';
  },
  foot: () => '',
};
