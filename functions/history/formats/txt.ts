import { clock, type Format, linesOf, textOf, timesOf } from './format.ts';

/** Asia/Shanghai, UTC+8 all year. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
const localTime = (epochMs: number): string =>
  new Date(epochMs + SHANGHAI_OFFSET_MS).toISOString().slice(0, 16).replace('T', ' ');

/** A text file opened in a spreadsheet must not run as a formula. */
const guardFormula = (line: string): string => (/^\s*[=+\-@]/.test(line) ? `'${line}` : line);

export const txt: Format = {
  mimeType: 'text/plain; charset=utf-8',
  head: (session) => {
    const title = linesOf(session.title).join(' ');
    const about = `${localTime(session.startedAt)}　时长 ${clock(session.durationMs)}`;
    return `${title ? `${guardFormula(title)}\n` : ''}${about}\n\n`;
  },
  piece: (piece) => {
    const lines = linesOf(textOf(piece)).map(guardFormula);
    return lines.length > 0 ? `[${clock(timesOf(piece).startMs)}] ${lines.join('\n')}\n` : '';
  },
  foot: () => '',
};
