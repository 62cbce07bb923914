import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { PREVIEW_CHARS } from '../../contract/limits.ts';
import { PAGES, SESSIONS, type Sentence, sentencesInOrder, shownText } from '../../contract/records.ts';
import { cutText } from '../../contract/text.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import type { Condition } from '../shared/store.ts';
import { pageWith, viewOf } from './sentences.ts';
import { retryOptimistic, sessionOf, visibleSessions } from './sessions.ts';

const FIELDS = ['_id', 'state', 'tailIndex', 'nextIndex', 'sentences'] as const;

/**
 * Sets or (`text: null`) takes back the edited text of a sentence, in its own field, which the container never
 * writes. Conditional on where the sentence is stored and on the text that it replaces: tried again where it moved to a page
 * meanwhile, and a request that arrives after its repeat and another edit changes nothing.
 * @throws VoiceError NOT_FOUND, CONFLICT
 */
export async function edit(
  { sessionId, index, text }: v.InferOutput<typeof HISTORY_ACTIONS.edit>,
  call: CallContext,
): Promise<HistoryAnswers['edit']> {
  const edited = await retryOptimistic(call, async () => {
    const session = await sessionOf(sessionId, call, FIELDS);
    if (index >= session.nextIndex) throw new VoiceError('NOT_FOUND', { detail: 'index' });
    return index >= session.tailIndex
      ? editInTail(sessionId, index, session.sentences[index], text, call)
      : editInPage(sessionId, index, text, call);
  });
  await refreshPreview(sessionId, index, call).catch((error) => call.warn('preview', error));
  return { sessionId, sentence: viewOf([index, edited]) };
}

async function editInTail(
  sessionId: string,
  index: number,
  sentence: Sentence | undefined,
  text: string | null,
  call: CallContext,
): Promise<Sentence | null> {
  if (!sentence) throw new VoiceError('NOT_FOUND', { detail: 'index' });
  const where = { ...visibleSessions(call), _id: sessionId, tailIndex: call.store.command.lte(index) };
  return writeEdit(SESSIONS, where, index, sentence, text, call);
}

async function editInPage(
  sessionId: string,
  index: number,
  text: string | null,
  call: CallContext,
): Promise<Sentence | null> {
  const page = await pageWith(sessionId, index, call);
  const sentence = page?.sentences[index];
  if (!page || !sentence) return null;
  return writeEdit(PAGES, { ...ownedBy(call.caller), _id: page._id }, index, sentence, text, call);
}

/** @returns the sentence as it is now; null: it is not stored there any more, or was edited meanwhile */
async function writeEdit(
  collection: string,
  where: Condition,
  index: number,
  sentence: Sentence,
  text: string | null,
  call: CallContext,
): Promise<Sentence | null> {
  const change = changeOf(index, sentence, text, call);
  if (change === null) return sentence;
  const changed = await call.store.update(collection, { ...where, ...change.where }, change.patch);
  return changed === 0 ? null : change.sentence;
}

/** An edit as a part of a conditional write. */
export interface SentenceChange {
  /** That the sentence is as it was read. */
  where: Condition;
  patch: Condition;
  /** As it is afterwards. */
  sentence: Sentence;
}

/** What has to be written for a sentence to read `text` (null: what was recognised); null where it does already. */
export function changeOf(
  index: number,
  sentence: Sentence,
  text: string | null,
  { store: { command } }: CallContext,
): SentenceChange | null {
  const { editedText: before, ...recognised } = sentence;
  // an edit that equals what was recognised is removed
  const after = text === null || text === sentence.text ? undefined : text;
  if (after === before) return null;
  return {
    where: {
      [`sentences.${index}.text`]: sentence.text,
      [`sentences.${index}.editedText`]: before ?? command.eq(null),
    },
    patch: { [`sentences.${index}.editedText`]: after ?? command.remove() },
    sentence: after === undefined ? recognised : { ...recognised, editedText: after },
  };
}

/** Only the first sentences can be in a preview: each has a character or more. */
const MAX_PREVIEWED = PREVIEW_CHARS;

/** The list shows the beginning of a text as it was edited. While a session streams, its owner writes the preview. */
export async function refreshPreview(sessionId: string, index: number, call: CallContext): Promise<void> {
  if (index >= MAX_PREVIEWED) return;
  await retryOptimistic(call, async () => {
    const session = await sessionOf(sessionId, call, ['_id', 'state', 'tailIndex', 'sentences', 'preview']);
    if (session.state === 'live') return true;
    const { sentences = {} } = session.tailIndex > 0 ? ((await pageWith(sessionId, 0, call)) ?? {}) : session;
    const text = sentencesInOrder(sentences)
      .map(([, sentence]) => shownText(sentence))
      .join('');
    const preview = cutText(text, PREVIEW_CHARS);
    if (preview === session.preview) return true;
    const where = {
      ...visibleSessions(call),
      _id: sessionId,
      state: call.store.command.neq('live'),
      preview: session.preview,
    };
    return (await call.store.update(SESSIONS, where, { preview })) > 0 || null;
  });
}
