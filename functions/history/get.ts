import * as v from 'valibot';
import type { HISTORY_ACTIONS, HistoryAnswers, SentenceView } from '../../contract/functions.ts';
import type { CallContext } from '../shared/define.ts';
import { completeOrphan, isOrphan } from '../shared/orphans.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { sentenceBatches, viewOf } from './sentences.ts';
import { sessionOf, summaryOf } from './sessions.ts';

const DEFAULT_LIMIT = 100;
/** Word times can make a sentence large; an answer ends early rather than exceed what a call may carry. */
const MAX_ANSWER_CHARS = 700_000;

/** The index that the next page begins with. */
const cursorSchema = v.strictObject({ i: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

/** One session and a page of its sentences, in order. */
export async function get(
  request: v.InferOutput<typeof HISTORY_ACTIONS.get>,
  call: CallContext,
): Promise<HistoryAnswers['get']> {
  const limit = request.limit ?? DEFAULT_LIMIT;
  const from = readCursor(request.cursor, cursorSchema)?.i ?? 0;
  let session = await sessionOf(request.sessionId, call);
  if (isOrphan(session, call.nowMs)) {
    session = (await completeOrphan(session._id, call).catch((e) => call.warn('orphan', e))) ?? session;
  }

  const sentences: SentenceView[] = [];
  let chars = 0;
  for await (const batch of sentenceBatches(session, from, limit, call)) {
    for (const stored of batch) {
      if (stored[0] < from) continue;
      if (sentences.length >= limit || chars > MAX_ANSWER_CHARS) {
        return { session: summaryOf(session), sentences, cursor: writeCursor({ i: stored[0] }) };
      }
      const view = viewOf(stored);
      chars += JSON.stringify(view).length;
      sentences.push(view);
    }
  }
  return { session: summaryOf(session), sentences, cursor: null };
}
