import * as v from 'valibot';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { literalFinder } from '../../lib/literal-search.ts';
import type { CallContext } from '../shared/define.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { sentenceBatches, viewOf } from './sentences.ts';
import { sessionOf } from './sessions.ts';

/** What one call reads at most: 10,000 sentences, a day and more of speech. */
const MAX_DOCUMENTS = 200;
/** Sentences read at a time. */
const READ_SENTENCES = 500;

/** The index to go on from. */
const cursorSchema = v.strictObject({ i: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

/** Literal text in the sentences of one session, as they are shown. */
export async function find(
  { sessionId, query, cursor, limit }: v.InferOutput<typeof HISTORY_ACTIONS.find>,
  call: CallContext,
): Promise<HistoryAnswers['find']> {
  const isFound = literalFinder(query);
  const from = readCursor(cursor, cursorSchema)?.i ?? 0;
  const session = await sessionOf(sessionId, call, ['_id', 'tailIndex', 'sentences']);
  const answer: HistoryAnswers['find'] = { indexes: [], sentences: [], cursor: null };
  let documents = 1;
  for await (const batch of sentenceBatches(session, from, READ_SENTENCES, call)) {
    documents += 1;
    for (const stored of batch) {
      if (stored[0] < from) continue;
      const isEnough = documents > MAX_DOCUMENTS || answer.indexes.length === limit;
      if (isEnough) return { ...answer, cursor: writeCursor({ i: stored[0] }) };
      const { words: _, ...sentence } = viewOf(stored);
      if (isFound(sentence.text).length === 0) continue;
      answer.indexes.push(sentence.index);
      if (limit !== undefined) answer.sentences.push(sentence);
    }
  }
  return answer;
}
