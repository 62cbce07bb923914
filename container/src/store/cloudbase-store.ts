import type { CloudBase } from '@cloudbase/node-sdk';
import { VoiceError } from '../../../contract/errors.ts';
import { msToSamples, TAIL_SENTENCES } from '../../../contract/limits.ts';
import {
  countChars,
  lossesAtResume,
  PAGES,
  type PageRecord,
  pageId,
  SESSIONS,
  type Sentence,
  type SessionRecord,
  sentencesInOrder,
} from '../../../contract/records.ts';
import type { Clock } from '../../../lib/clock.ts';
import { completeSession } from '../../../records/complete.ts';
import type { RecordsTx, RunTransaction } from '../../../records/port.ts';
import { stampOver, upgraded } from '../../../records/schema-version.ts';
import { isDuplicate } from '../../../records/store-errors.ts';
import { transactionsOn } from '../../../records/transaction.ts';
import { request } from './request.ts';
import type { SessionPatch, SessionStore, WriteAnswer, WriteId } from './types.ts';

/** Pages are read this many at a time (the service gives at most 1000 documents, and answers of at most 16 MB). */
const PAGES_PER_READ = 20;
/** Pages that one request removes. */
const PAGES_PER_REMOVAL = 100;

/** The session's records in the CloudBase database, through the official SDK. */
export class CloudbaseStore implements SessionStore {
  readonly #db: ReturnType<CloudBase['database']>;
  readonly #transaction: RunTransaction;

  /** @param random in [0, 1) */
  constructor(app: CloudBase, clock: Clock, random: () => number) {
    this.#db = app.database();
    this.#transaction = transactionsOn(this.#db, { clock, random, retryUnavailable: false });
  }

  async create(record: SessionRecord): Promise<boolean> {
    try {
      await request(() => this.#sessions.add(record));
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async load(sessionId: string): Promise<SessionRecord | null> {
    const { data } = await request(() => this.#sessions.where({ _id: sessionId }).limit(1).get());
    return data[0] ? upgraded(SESSIONS, data[0]) : null;
  }

  claim: SessionStore['claim'] = async (seen, { clientId, claim, nowMs }) => {
    const { _id, epoch, state } = seen;
    const { inc, remove } = this.#db.command;
    const { condition, fields, removed } = state === 'interrupted' ? reopened(seen) : LIVE;
    const unchanged = this.#sessions.where({ _id, epoch, state, deletedAt: null, ...condition });
    const update = {
      ...this.#whole({
        ...fields,
        ...stampOver(seen),
        epoch: epoch + 1,
        claim,
        clientId,
        state: 'live',
        endedAt: null,
        pending: null,
        updatedAt: new Date(nowMs),
      }),
      // A record of a release that had no write numbers gets one.
      writeSeq: inc(0),
      ...(removed && { [removed]: remove() }),
    };
    await request(() => unchanged.update(update));
    // Read again even where it took effect: the old owner may have written since `seen`, and from here on it cannot.
    // Where it did not, an earlier attempt of this claim may have, whose answer was lost.
    const record = await this.load(_id);
    return record?.claim === claim ? record : null;
  };

  write: SessionStore['write'] = (id, patch, nowMs) =>
    patch.tailFull ? this.#writeMovingTail(id, patch, nowMs) : this.#writeToTail(id, patch, nowMs);

  async sentencesAbove(sessionId: string, haveIndex: number): Promise<[number, Sentence][]> {
    const record = await this.load(sessionId);
    if (!record) return [];
    const found: [number, Sentence][] = [];
    for (let from = haveIndex + 1; from < record.tailIndex; ) {
      const pages = await this.#pagesWith(sessionId, from, record.tailIndex);
      if (pages.length === 0) break;
      for (const page of pages) found.push(...sentencesInOrder(page.sentences));
      from = Math.max(...pages.map((page) => page.firstIndex + page.count));
    }
    found.push(...sentencesInOrder(record.sentences));
    return found.filter(([index]) => index > haveIndex);
  }

  complete: SessionStore['complete'] = (asked) => completeSession(this.#transaction, asked);

  cancel: SessionStore['cancel'] = async ({ sessionId, epoch, writes }, nowMs) => {
    const { gte, lte } = this.#db.command;
    const writeSeq = gte(writes.storedSeq).and(lte(writes.attemptedSeq));
    const owned = this.#sessions.where({ _id: sessionId, epoch, state: 'live', writeSeq });
    const fields = this.#whole(emptied(new Date(nowMs)));
    const { updated } = (await request(() => owned.update(fields))) as { updated?: number };
    if (!updated) {
      const record = await this.load(sessionId);
      // An attempt before this one may have come as far as here.
      if (record?.epoch !== epoch || record.state !== 'cancelled') return { stored: false, record };
    }
    await this.#removePages(sessionId);
    return { stored: true };
  };

  get #sessions() {
    return this.#db.collection(SESSIONS);
  }

  get #pages() {
    return this.#db.collection(PAGES);
  }

  /** Every field replaced as a whole: without `set` the SDK flattens an object into paths below the field. */
  #whole(fields: object): Record<string, unknown> {
    const { set } = this.#db.command;
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, set(value)]));
  }

  /**
   * Sentences field by field, not as a whole object, so that a user's `editedText` is kept. The SDK would make the same paths of the
   * object, by copying it once for each level.
   */
  #byPath(sentences: Readonly<Record<number, Sentence>>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(sentences).flatMap(([index, sentence]) =>
        Object.entries(sentence).map(([field, value]) => [`sentences.${index}.${field}`, value]),
      ),
    );
  }

  /** One conditional update of a live session; the database decides whether epoch and write number still hold. */
  async #writeToTail(
    { sessionId, epoch, seq }: WriteId,
    patch: SessionPatch,
    nowMs: number,
  ): Promise<WriteAnswer> {
    const owned = this.#sessions.where({ _id: sessionId, epoch, state: 'live', writeSeq: seq - 1 });
    const fields = {
      updatedAt: new Date(nowMs),
      writeSeq: seq,
      ...this.#whole(patch.fields),
      ...this.#byPath(patch.sentences),
    };
    const { updated } = (await request(() => owned.update(fields))) as { updated?: number };
    if (updated) return { stored: true };
    // 0 may also mean that a write whose answer was lost is being repeated: the record tells.
    return answerFor(await this.load(sessionId), epoch, seq);
  }

  /** The same where the tail is full: moves it to a page in one transaction. */
  #writeMovingTail(
    { sessionId, epoch, seq }: WriteId,
    patch: SessionPatch,
    nowMs: number,
  ): Promise<WriteAnswer> {
    return this.#transaction(async (tx): Promise<WriteAnswer> => {
      const stored = await tx.get<object>(SESSIONS, sessionId);
      const record = stored && upgraded(SESSIONS, stored);
      const ours = record?.epoch === epoch && record.state === 'live';
      if (!ours || record.writeSeq !== seq - 1) return answerFor(record, epoch, seq);
      await moveTailToPage(tx, record);
      await tx.update(SESSIONS, sessionId, {
        ...patch.fields,
        writeSeq: seq,
        sentences: patch.sentences,
        tailIndex: record.nextIndex,
        updatedAt: new Date(nowMs),
      });
      return { stored: true };
    });
  }

  /** The next pages that hold sentences from `fromIndex` on and below `untilIndex`, in order. */
  async #pagesWith(sessionId: string, fromIndex: number, untilIndex: number): Promise<PageRecord[]> {
    const { gt, lt } = this.#db.command;
    const { data } = await request(() =>
      this.#pages
        .where({ sessionId, firstIndex: gt(fromIndex - TAIL_SENTENCES).and(lt(untilIndex)) })
        .orderBy('firstIndex', 'asc')
        .limit(PAGES_PER_READ)
        .get(),
    );
    const pages = (data as object[]).map((page) => upgraded(PAGES, page));
    return pages.filter((page) => page.firstIndex + page.count > fromIndex);
  }

  /** Removes a session's pages in batches; the record does not refer to them any more, so that this may stop and go on. */
  async #removePages(sessionId: string): Promise<void> {
    const { in: isOneOf } = this.#db.command;
    for (;;) {
      const { data } = await request(() =>
        this.#pages.where({ sessionId }).field({ _id: true }).limit(PAGES_PER_REMOVAL).get(),
      );
      const ids = (data as { _id: string }[]).map(({ _id }) => _id);
      if (ids.length > 0) await request(() => this.#pages.where({ _id: isOneOf(ids) }).remove());
      if (ids.length < PAGES_PER_REMOVAL) return;
    }
  }
}

/** What a cancelled record still holds: when it was, and nothing of what was said. */
const emptied = (at: Date): Partial<SessionRecord> => ({
  title: '',
  preview: '',
  sentences: {},
  pending: null,
  checkpoint: null,
  overlap: null,
  losses: [],
  nextIndex: 0,
  tailIndex: 0,
  sentenceCount: 0,
  charCount: 0,
  promotedIndex: null,
  state: 'cancelled',
  endedAt: at,
  updatedAt: at,
  deletedAt: at,
});

/**
 * What a write that changed nothing means.
 * @throws VoiceError STORE_UNAVAILABLE: the record shows the write before; the write is to be repeated
 */
function answerFor(record: SessionRecord | null, epoch: number, seq: number): WriteAnswer {
  if (record?.epoch !== epoch || record.state !== 'live') return { stored: false, record };
  if (record.writeSeq === seq) return { stored: true };
  if (record.writeSeq === seq - 1) throw new VoiceError('STORE_UNAVAILABLE');
  return { stored: false, record };
}

function moveTailToPage(tx: RecordsTx, record: SessionRecord): Promise<void> {
  const page: Omit<PageRecord, '_id'> = {
    ...stampOver(record),
    _openid: record._openid,
    sessionId: record._id,
    firstIndex: record.tailIndex,
    count: record.nextIndex - record.tailIndex,
    sentences: record.sentences,
  };
  return tx.set(PAGES, pageId(record._id, record.tailIndex), page);
}

interface Reopening {
  /** What must still be as it was read. */
  condition: object;
  fields: Partial<SessionRecord>;
  /** Path of the sentence to take out. */
  removed?: string;
}

/** A live session is claimed as it is. */
const LIVE: Reopening = { condition: {}, fields: {} };

/**
 * What changes in an interrupted session that is resumed: its audio from the last commit on is recognised now, so the
 * sentence that was kept unsettled, and the loss of what the recogniser had missed in that audio, are taken out. A sentence that a person has
 * edited stays: it becomes overlap, and is removed from what is recognised again. A checkpoint in the sentence that is taken out
 * holds again.
 */
function reopened(seen: SessionRecord): Reopening {
  const losses = lossesAtResume(seen);
  const { promotedIndex, nextIndex } = seen;
  const promoted = promotedIndex === null ? undefined : seen.sentences[promotedIndex];
  const condition = { promotedIndex, nextIndex };
  if (promotedIndex === null || !promoted) return { condition, fields: { losses, promotedIndex: null } };
  if (promoted.editedText !== undefined) {
    const text = (seen.overlap?.text ?? '') + promoted.text;
    const overlap = { text, endPos: msToSamples(promoted.endMs, seen.sampleRate) };
    return { condition, fields: { losses, promotedIndex: null, overlap, checkpoint: null } };
  }
  return {
    // Not edited meanwhile, either.
    condition: { ...condition, [`sentences.${promotedIndex}.editedText`]: null },
    removed: `sentences.${promotedIndex}`,
    fields: {
      losses,
      promotedIndex: null,
      nextIndex: promotedIndex,
      sentenceCount: seen.sentenceCount - 1,
      charCount: seen.charCount - countChars(promoted.text),
      preview: seen.preview.endsWith(promoted.text)
        ? seen.preview.slice(0, seen.preview.length - promoted.text.length)
        : seen.preview,
    },
  };
}
