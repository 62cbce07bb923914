import * as v from 'valibot';
import type { HISTORY_ACTIONS, HistoryAnswers, SentenceView } from '../../contract/functions.ts';
import type { SessionRecord } from '../../contract/records.ts';
import type { CallContext } from '../shared/define.ts';
import { completeOrphan, isOrphan } from '../shared/orphans.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { sentenceBatches, sentenceBatchesBefore, viewOf } from './sentences.ts';
import { sessionOf, summaryOf } from './sessions.ts';

const DEFAULT_LIMIT = 100;
/** Word times can make a sentence large; an answer ends early rather than exceed what a call may carry. */
const MAX_ANSWER_CHARS = 700_000;

const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** The index that the next page begins with, or the one that it ends before. */
const cursorSchema = v.union([v.strictObject({ i: index }), v.strictObject({ b: index })]);
type Position = v.InferOutput<typeof cursorSchema>;
interface Page {
  sentences: SentenceView[];
  /** Where the next page is; null: there is none. */
  next: Position | null;
}

/** One session and a page of its sentences, in order. */
export async function get(
  request: v.InferOutput<typeof HISTORY_ACTIONS.get>,
  call: CallContext,
): Promise<HistoryAnswers['get']> {
  const limit = request.limit ?? DEFAULT_LIMIT;
  const asked = request.before === undefined ? { i: request.from ?? 0 } : { b: request.before };
  const position = readCursor(request.cursor, cursorSchema) ?? asked;
  let session = await sessionOf(request.sessionId, call);
  if (isOrphan(session, call.nowMs)) {
    session = (await completeOrphan(session._id, call).catch((e) => call.warn('orphan', e))) ?? session;
  }
  const { sentences, next } = await ('b' in position
    ? pageBefore(session, position.b, limit, call)
    : pageFrom(session, position.i, limit, call));
  return { session: summaryOf(session), sentences, cursor: next && writeCursor(next) };
}

async function pageFrom(
  session: SessionRecord,
  from: number,
  limit: number,
  call: CallContext,
): Promise<Page> {
  const page = new PageInMaking(limit);
  for await (const batch of sentenceBatches(session, from, limit, call)) {
    for (const stored of batch) {
      if (stored[0] < from) continue;
      if (page.isFull) return { sentences: page.sentences, next: { i: stored[0] } };
      page.add(viewOf(stored));
    }
  }
  return { sentences: page.sentences, next: null };
}

async function pageBefore(
  session: SessionRecord,
  before: number,
  limit: number,
  call: CallContext,
): Promise<Page> {
  const page = new PageInMaking(limit);
  let first = before;
  for await (const batch of sentenceBatchesBefore(session, before, limit, call)) {
    for (const stored of [...batch].reverse()) {
      if (stored[0] >= before) continue;
      if (page.isFull) return { sentences: page.sentences.reverse(), next: { b: first } };
      first = stored[0];
      page.add(viewOf(stored));
    }
    // Whether there is an earlier page is not asked: only at the first sentence of all there is none.
    if (first === 0) break;
    if (page.isFull) return { sentences: page.sentences.reverse(), next: { b: first } };
  }
  return { sentences: page.sentences.reverse(), next: null };
}

/** Sentences until there are as many as were asked for, or as an answer may carry. */
class PageInMaking {
  readonly sentences: SentenceView[] = [];
  readonly #limit: number;
  #chars = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.sentences.length >= this.#limit || this.#chars > MAX_ANSWER_CHARS;
  }

  add(sentence: SentenceView): void {
    this.#chars += JSON.stringify(sentence).length;
    this.sentences.push(sentence);
  }
}
