import * as v from 'valibot';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import type { SessionRecord } from '../../contract/records.ts';
import type { CallContext } from '../shared/define.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { exportDocx } from './export-docx.ts';
import { type ExportItem, FORMATS, fileNameOf, insertsOf, type TextFormat } from './formats.ts';
import { sentenceBatches, viewOf } from './sentences.ts';
import { sessionOf, summaryOf } from './sessions.ts';

/** One answer's content, in UTF-16 units (up to three bytes each); more goes into further parts. */
const MAX_PART_CHARS = 300_000;
/** Sentences read at a time. */
const READ_SENTENCES = 250;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/**
 * Next sentence index, next loss or mark, pieces so far, and the end index when the export began, since a live session grows.
 */
const cursorSchema = v.strictObject({ i: count, l: count, n: count, until: count });

/** The session as a file, or a part of it. @throws VoiceError NOT_FOUND, TOO_LARGE */
export async function exportSession(
  { sessionId, format, cursor }: v.InferOutput<typeof HISTORY_ACTIONS.export>,
  call: CallContext,
): Promise<HistoryAnswers['export']> {
  const session = await sessionOf(sessionId, call);
  return format === 'docx' ? exportDocx(session, call) : exportText(session, format, cursor, call);
}

async function exportText(
  session: SessionRecord,
  format: TextFormat,
  cursor: string | null | undefined,
  call: CallContext,
): Promise<HistoryAnswers['export']> {
  const summary = summaryOf(session);
  const { mimeType, head, piece, foot } = FORMATS[format];
  const resumed = readCursor(cursor, cursorSchema);
  const at = resumed ?? { i: 0, l: 0, n: 0, until: session.nextIndex };
  const inserts = insertsOf(summary);

  let content = resumed ? '' : head(summary);
  const answer = (next: string | null): HistoryAnswers['export'] => ({
    content,
    encoding: 'utf8',
    filename: fileNameOf(summary, format),
    mimeType,
    cursor: next,
  });
  const add = (what: ExportItem): void => {
    const text = piece(what, at.n + 1);
    if (text === '') return;
    content += text;
    at.n += 1;
  };
  const addInsertsUntil = (ms: number): void => {
    for (let next = inserts[at.l]; next && next[0] <= ms; next = inserts[at.l]) {
      add(next[1]);
      at.l += 1;
    }
  };

  for await (const batch of sentenceBatches(session, at.i, READ_SENTENCES, call)) {
    for (const stored of batch) {
      if (stored[0] < at.i || stored[0] >= at.until) continue;
      if (content.length >= MAX_PART_CHARS) return answer(writeCursor(at));
      const sentence = viewOf(stored);
      addInsertsUntil(sentence.startMs);
      add({ sentence });
      at.i = stored[0] + 1;
    }
  }
  addInsertsUntil(Number.POSITIVE_INFINITY);
  content += foot(summary);
  return answer(null);
}
