import { shanghaiDay, shanghaiTime } from '../../contract/day.ts';
import type { ExportFormat, SentenceView, SessionSummary } from '../../contract/functions.ts';
import type { Loss } from '../../contract/records.ts';
import { cutText } from '../../contract/text.ts';

/** A part of an export: a sentence, audio that is missing, or a moment that the user marked (audio time, ms). */
export type ExportItem = { sentence: SentenceView } | { loss: Loss } | { markMs: number };

/** Formats that are text. */
export type TextFormat = Exclude<ExportFormat, 'docx'>;

/** A text format. A file is the concatenation of head, pieces in time order, and foot. */
export interface Format {
  readonly mimeType: string;
  head(session: SessionSummary): string;
  /** `number` counts the pieces from 1, over all parts. */
  piece(piece: ExportItem, number: number): string;
  foot(session: SessionSummary): string;
}

/** The text in place of missing audio, so that an incomplete text does not look complete. */
export function lossText({ startMs, endMs, reason }: Loss): string {
  const seconds = (Math.max(0, endMs - startMs) / 1000).toFixed(1);
  return `〔此处约 ${seconds} 秒音频${reason === 'asr' ? '未能识别' : '未送达'}〕`;
}

/** The text in place of a mark. */
const MARK_TEXT = '〔标记〕';

export function textOf(piece: ExportItem): string {
  if ('markMs' in piece) return MARK_TEXT;
  return 'sentence' in piece ? piece.sentence.text : lossText(piece.loss);
}
export function timesOf(piece: ExportItem): { startMs: number; endMs: number } {
  if ('markMs' in piece) return { startMs: piece.markMs, endMs: piece.markMs };
  return 'sentence' in piece ? piece.sentence : piece.loss;
}

/** What stands between the sentences, in order of time. */
export const insertsOf = ({ losses, marks = [] }: SessionSummary): [startMs: number, item: ExportItem][] =>
  [
    ...losses.map((loss): [number, ExportItem] => [loss.startMs, { loss }]),
    ...marks.map((markMs): [number, ExportItem] => [markMs, { markMs }]),
  ].sort(([a], [b]) => a - b);

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** `HH:MM:SS`, and with `separator` also the milliseconds; hours may exceed 99. */
export function clockText(ms: number, separator?: ',' | '.'): string {
  const whole = Math.max(0, Math.round(ms));
  const seconds = Math.floor(whole / 1000);
  const time = `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return separator ? `${time}${separator}${pad(whole % 1000, 3)}` : time;
}

const LINE_BREAK = /\r\n|[\n\r\u2028\u2029\u0085\v\f]/;
/** The lines of a text without empty ones: in subtitles an empty line ends a cue. */
export const linesOf = (text: string): string[] =>
  text
    .split(LINE_BREAK)
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '');

/** A spreadsheet that opens the file would run a line that begins like this as a formula. */
const guardFormula = (line: string): string => (/^\s*[=+\-@]/.test(line) ? `'${line}` : line);

/** When a session was recorded, and how long it is. */
export const aboutOf = ({ startedAt, durationMs }: SessionSummary): string =>
  `${shanghaiTime(startedAt)}　时长 ${clockText(durationMs)}`;

const txt: Format = {
  mimeType: 'text/plain; charset=utf-8',
  head: (session) => {
    const title = linesOf(session.title).join(' ');
    return `${title ? `${guardFormula(title)}\n` : ''}${aboutOf(session)}\n\n`;
  },
  piece: (piece) => {
    const lines = linesOf(textOf(piece)).map(guardFormula);
    return lines.length > 0 ? `[${clockText(timesOf(piece).startMs)}] ${lines.join('\n')}\n` : '';
  },
  foot: () => '',
};

/**
 * Everything as it is stored, as one JSON document over all parts. `pieces` are in time order; losses and marks are also in
 * `session`.
 */
const json: Format = {
  mimeType: 'application/json; charset=utf-8',
  head: (session) => `{"session":${JSON.stringify(session)},"pieces":[`,
  piece: (piece, number) => {
    const value = 'sentence' in piece ? piece.sentence : { ...piece, text: textOf(piece) };
    return `${number > 1 ? ',' : ''}\n${JSON.stringify(value)}`;
  },
  foot: () => '\n]}\n',
};

/** A cue that ends when it begins is dropped by players. */
const MIN_CUE_MS = 1;

function cueOf(
  piece: ExportItem,
  number: number,
  separator: ',' | '.',
  escaped: (line: string) => string,
): string {
  // Subtitles are for the audience; a mark is for whoever works on the text.
  if ('markMs' in piece) return '';
  const lines = linesOf(textOf(piece)).map(escaped);
  if (lines.length === 0) return '';
  const { startMs, endMs } = timesOf(piece);
  const end = Math.max(endMs, startMs + MIN_CUE_MS);
  return `${number}\n${clockText(startMs, separator)} --> ${clockText(end, separator)}\n${lines.join('\n')}\n\n`;
}

/** SubRip has no escapes, and only an arrow is read as structure. */
const escapeSrt = (line: string): string => line.replaceAll('-->', '→');

const srt: Format = {
  mimeType: 'application/x-subrip; charset=utf-8',
  head: () => '',
  piece: (piece, number) => cueOf(piece, number, ',', escapeSrt),
  foot: () => '',
};

const VTT_ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** WebVTT §4.2.2: cue text is markup; with `>` escaped the arrow is gone too. */
const escapeVtt = (line: string): string => line.replace(/[&<>]/g, (char) => VTT_ESCAPES[char] ?? char);

const vtt: Format = {
  mimeType: 'text/vtt; charset=utf-8',
  head: () => 'WEBVTT\n\n',
  piece: (piece, number) =>
    'markMs' in piece
      ? `NOTE ${MARK_TEXT} ${clockText(piece.markMs, '.')}\n\n`
      : cueOf(piece, number, '.', escapeVtt),
  foot: () => '',
};

export const FORMATS: Record<TextFormat, Format> = { txt, srt, vtt, json };

const MAX_NAME_CHARS = 60;
/** Characters that some file system refuses, invisible ones, and those that change the writing direction. */
const UNSAFE = /[\\/:*?"<>|\p{C}\p{Zl}\p{Zp}]+/gu;
/** Names that Windows keeps for devices. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A file name that every system accepts: from the title, or from the day where there is none. */
export function fileNameOf(session: SessionSummary, format: ExportFormat): string {
  const title = cutText(session.title.replace(UNSAFE, ' ').replace(/\s+/g, ' '), MAX_NAME_CHARS).replace(
    /^[\s.]+|[\s.]+$/g,
    '',
  );
  const day = shanghaiDay(session.startedAt);
  return `${title && !RESERVED.test(title) ? title : `语音记录 ${day}`}.${format}`;
}
