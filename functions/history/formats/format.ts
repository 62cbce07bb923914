import type { ExportFormat, SentenceView, SessionSummary } from '../../../contract/functions.ts';
import type { Loss } from '../../../contract/records.ts';

/** A part of an export: a sentence, or audio that is missing. */
export type Piece = { sentence: SentenceView } | { loss: Loss };

/** A file format. A file is the concatenation of head, pieces in time order, and foot. */
export interface Format {
  readonly mimeType: string;
  head(session: SessionSummary): string;
  /** `number` counts the pieces from 1, over all parts. */
  piece(piece: Piece, number: number): string;
  foot(session: SessionSummary): string;
}
export type Formats = Record<ExportFormat, Format>;

/** The text in place of missing audio, so that an incomplete text does not look complete. */
export function lossText({ startMs, endMs, reason }: Loss): string {
  const seconds = (Math.max(0, endMs - startMs) / 1000).toFixed(1);
  return `〔此处约 ${seconds} 秒音频${reason === 'asr' ? '未能识别' : '未送达'}〕`;
}

export const textOf = (piece: Piece): string =>
  'sentence' in piece ? piece.sentence.text : lossText(piece.loss);
export const timesOf = (piece: Piece): { startMs: number; endMs: number } =>
  'sentence' in piece ? piece.sentence : piece.loss;

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
