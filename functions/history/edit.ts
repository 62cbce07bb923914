import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { PREVIEW_CHARS } from '../../contract/limits.ts';
import {
  PAGES,
  SESSIONS,
  type Sentence,
  type SessionRecord,
  sentencesInOrder,
  shownText,
} from '../../contract/records.ts';
import { sleep } from '../../lib/clock.ts';
import { ownedBy } from '../shared/caller.ts';
import type { Call } from '../shared/define.ts';
import type { Condition } from '../shared/store.ts';
import { pageWith, viewOf } from './sentences.ts';
import { sessionOf, visibleSessions } from './sessions.ts';

/** A tail moves to a page once in about fifty sentences; the attempts after the second are for a database that shows it late. */
const ATTEMPTS = 5;
const RETRY_DELAY_MS = 40;

const FIELDS = ['_id', 'state', 'tailIndex', 'nextIndex', 'sentences', 'preview'] as const;

/**
 * Sets or (`text: null`) takes back the edited text of a sentence, in its own field, which the container never
 * writes. Conditional on where the sentence is stored, and tried again where it moved to a page meanwhile.
 */
export async function edit(
  { sessionId, index, text }: v.InferOutput<typeof HISTORY_ACTIONS.edit>,
  call: Call,
): Promise<HistoryAnswers['edit']> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const session = await sessionOf(sessionId, call, FIELDS);
    if (index >= session.nextIndex) throw new VoiceError('NOT_FOUND', { detail: 'index' });
    const edited =
      index >= session.tailIndex
        ? await editInTail(sessionId, index, session.sentences[index], text, call)
        : await editInPage(sessionId, index, text, call);
    if (edited) {
      await refreshPreview(session, index, call).catch((error) => call.warn('preview', error));
      return { sessionId, sentence: viewOf([index, edited]) };
    }
    await sleep(call.clock, RETRY_DELAY_MS * attempt);
  }
  throw new VoiceError('CONFLICT');
}

async function editInTail(
  sessionId: string,
  index: number,
  sentence: Sentence | undefined,
  text: string | null,
  call: Call,
): Promise<Sentence | null> {
  if (!sentence) throw new VoiceError('NOT_FOUND', { detail: 'index' });
  const where = { ...visibleSessions(call), _id: sessionId, tailIndex: call.store.command.lte(index) };
  return writeEdit(SESSIONS, where, index, sentence, text, call);
}

async function editInPage(
  sessionId: string,
  index: number,
  text: string | null,
  call: Call,
): Promise<Sentence | null> {
  const page = await pageWith(sessionId, index, call);
  const sentence = page?.sentences[index];
  if (!page || !sentence) return null;
  return writeEdit(PAGES, { ...ownedBy(call.caller), _id: page._id }, index, sentence, text, call);
}

/** @returns the sentence as it is now; null: it is not stored there any more */
async function writeEdit(
  collection: string,
  where: Condition,
  index: number,
  sentence: Sentence,
  text: string | null,
  { store }: Call,
): Promise<Sentence | null> {
  const { editedText: before, ...recognised } = sentence;
  // an edit that equals what was recognised is removed
  const after = text === null || text === sentence.text ? undefined : text;
  if (after === before) return sentence;
  const changed = await store.update(
    collection,
    { ...where, [`sentences.${index}.text`]: sentence.text },
    { [`sentences.${index}.editedText`]: after ?? store.command.remove() },
  );
  if (changed === 0) return null;
  return after === undefined ? recognised : { ...recognised, editedText: after };
}

/** Only the first sentences can be in a preview: each has a character or more. */
const MAX_PREVIEWED = PREVIEW_CHARS;

/** The list shows the beginning of a text as it was edited. While a session streams, its owner writes the preview. */
async function refreshPreview(
  { _id, state, tailIndex, preview: before }: Pick<SessionRecord, '_id' | 'state' | 'tailIndex' | 'preview'>,
  index: number,
  call: Call,
): Promise<void> {
  if (state === 'live' || index >= MAX_PREVIEWED) return;
  const { sentences } = tailIndex > 0 ? ((await pageWith(_id, 0, call)) ?? {}) : await sessionOf(_id, call);
  const preview = sentencesInOrder(sentences ?? {})
    .map(([, sentence]) => shownText(sentence))
    .join('')
    .slice(0, PREVIEW_CHARS);
  if (preview === before) return;
  await call.store.update(
    SESSIONS,
    { ...visibleSessions(call), _id, state: call.store.command.neq('live') },
    { preview },
  );
}
