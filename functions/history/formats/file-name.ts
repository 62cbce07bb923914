import { shanghaiDay } from '../../../contract/day.ts';
import type { ExportFormat, SessionSummary } from '../../../contract/functions.ts';

const MAX_NAME_CHARS = 60;
/** What some file system refuses, and characters that are not seen or turn the reading direction around. */
const UNSAFE = /[\\/:*?"<>|\p{C}\p{Zl}\p{Zp}]+/gu;
/** Names that Windows keeps for devices. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A name that every system can store: the title, or the day where there is none. */
export function fileNameOf(session: SessionSummary, format: ExportFormat): string {
  const title = Array.from(session.title.replace(UNSAFE, ' ').replace(/\s+/g, ' '))
    .slice(0, MAX_NAME_CHARS)
    .join('')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const day = shanghaiDay(session.startedAt);
  return `${title && !RESERVED.test(title) ? title : `语音记录 ${day}`}.${format}`;
}
