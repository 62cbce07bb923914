import type * as v from 'valibot';
import type { EditResult, HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { PAGES, SESSIONS, type Sentence, shownText } from '../../contract/records.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import type { Condition } from '../shared/store.ts';
import { changeOf, refreshPreview, type SentenceChange } from './edit.ts';
import { pageWith, viewOf } from './sentences.ts';
import { retryOptimistic, sessionOf, visibleSessions } from './sessions.ts';

type Edit = v.InferOutput<typeof HISTORY_ACTIONS.editMany>['edits'][number];

/** Documents that one call changes at most: each costs about three database requests. */
const MAX_DOCUMENTS = 16;

/**
 * Edits sentences, each only where it still reads as the caller has seen it. Those of one document are one conditional write, so
 * that nothing edited meanwhile is overwritten. Sent again, an edit that was made is answered as made.
 * @throws VoiceError NOT_FOUND, CONFLICT
 */
export async function editMany(
  { sessionId, edits }: v.InferOutput<typeof HISTORY_ACTIONS.editMany>,
  call: CallContext,
): Promise<HistoryAnswers['editMany']> {
  const results: EditResult[] = [];
  let left = [...edits].sort((a, b) => a.index - b.index);
  for (let documents = 0; left.length > 0 && documents < MAX_DOCUMENTS; documents += 1) {
    const done = await retryOptimistic(call, () => editFirstDocument(sessionId, left, call));
    results.push(...done);
    left = left.slice(done.length);
  }
  const first = results.find(({ outcome }) => outcome === 'edited');
  if (first) await refreshPreview(sessionId, first.index, call).catch((error) => call.warn('preview', error));
  return { sessionId, results };
}

/**
 * Edits the sentences of the document that holds the first of `edits`.
 * @param edits by index, ascending
 * @returns the results of as many as it holds, at least one; null: somebody else has changed it meanwhile
 */
async function editFirstDocument(
  sessionId: string,
  edits: readonly Edit[],
  call: CallContext,
): Promise<EditResult[] | null> {
  const { tailIndex, nextIndex } = await sessionOf(sessionId, call, ['_id', 'tailIndex', 'nextIndex']);
  const first = edits[0]?.index ?? 0;
  if (first >= nextIndex) return edits.map(({ index }) => ({ index, outcome: 'missing', sentence: null }));
  if (first >= tailIndex) return editTail(sessionId, edits, call);
  const page = await pageWith(sessionId, first, call);
  if (!page) return [{ index: first, outcome: 'missing', sentence: null }];
  const here = edits.filter(({ index }) => index < page.firstIndex + page.count);
  return write(PAGES, { ...ownedBy(call.caller), _id: page._id }, page.sentences, here, call);
}

async function editTail(
  sessionId: string,
  edits: readonly Edit[],
  call: CallContext,
): Promise<EditResult[] | null> {
  const session = await sessionOf(sessionId, call, ['_id', 'tailIndex', 'sentences']);
  const first = edits[0]?.index ?? 0;
  if (first < session.tailIndex) return null;
  const where = { ...visibleSessions(call), _id: sessionId, tailIndex: call.store.command.lte(first) };
  return write(SESSIONS, where, session.sentences, edits, call);
}

/** @returns the results, or null where the document is not as it was read */
async function write(
  collection: string,
  where: Condition,
  sentences: Record<string, Sentence>,
  edits: readonly Edit[],
  call: CallContext,
): Promise<EditResult[] | null> {
  const changes: SentenceChange[] = [];
  const results = edits.map(({ index, from, text }): EditResult => {
    const sentence = sentences[index];
    if (!sentence) return { index, outcome: 'missing', sentence: null };
    const change = changeOf(index, sentence, text, call);
    const isMade = change === null;
    if (!isMade && shownText(sentence) !== from)
      return { index, outcome: 'conflict', sentence: withoutWords(index, sentence) };
    if (!isMade) changes.push(change);
    return { index, outcome: 'edited', sentence: withoutWords(index, isMade ? sentence : change.sentence) };
  });
  if (changes.length === 0) return results;
  const condition = Object.assign({ ...where }, ...changes.map((change) => change.where));
  const patch = Object.assign({}, ...changes.map((change) => change.patch));
  return (await call.store.update(collection, condition, patch)) > 0 ? results : null;
}

function withoutWords(index: number, sentence: Sentence): EditResult['sentence'] {
  const { words: _, ...view } = viewOf([index, sentence]);
  return view;
}
