import { shanghaiDay } from '../../../contract/day.ts';
import type { ExportFormat, SessionSummary } from '../../../contract/functions.ts';

const MAX_NAME_CHARS = 60;
/** Characters that some file system refuses, invisible ones, and those that change the writing direction. */
const UNSAFE = /[\\/:*?"<>|\p{C}\p{Zl}\p{Zp}]+/gu;
/** Names that Windows keeps for devices. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A file name that every system accepts: from the title, or from the day where there is none. */
export function fileNameOf(session: SessionSummary, format: ExportFormat): string {
  const title = Array.from(session.title.replace(UNSAFE, ' ').replace(/\s+/g, ' '))
    .slice(0, MAX_NAME_CHARS)
    .join('')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const day = shanghaiDay(session.startedAt);
  return `${title && !RESERVED.test(title) ? title : `语音记录 ${day}`}.${format}`;
}
