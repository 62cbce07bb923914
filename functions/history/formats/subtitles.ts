import { clockText, type Format, linesOf, type Piece, textOf, timesOf } from './format.ts';

/** A cue that ends when it begins is dropped by players. */
const MIN_CUE_MS = 1;

function cueOf(
  piece: Piece,
  number: number,
  separator: ',' | '.',
  escaped: (line: string) => string,
): string {
  const lines = linesOf(textOf(piece)).map(escaped);
  if (lines.length === 0) return '';
  const { startMs, endMs } = timesOf(piece);
  const end = Math.max(endMs, startMs + MIN_CUE_MS);
  return `${number}\n${clockText(startMs, separator)} --> ${clockText(end, separator)}\n${lines.join('\n')}\n\n`;
}

/** SubRip has no escapes, and only an arrow is read as structure. */
const escapeSrt = (line: string): string => line.replaceAll('-->', '→');

export const srt: Format = {
  mimeType: 'application/x-subrip; charset=utf-8',
  head: () => '',
  piece: (piece, number) => cueOf(piece, number, ',', escapeSrt),
  foot: () => '',
};

const VTT_ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** WebVTT §4.2.2: cue text is markup; with `>` escaped the arrow is gone too. */
const escapeVtt = (line: string): string => line.replace(/[&<>]/g, (char) => VTT_ESCAPES[char] ?? char);

export const vtt: Format = {
  mimeType: 'text/vtt; charset=utf-8',
  head: () => 'WEBVTT\n\n',
  piece: (piece, number) => cueOf(piece, number, '.', escapeVtt),
  foot: () => '',
};
