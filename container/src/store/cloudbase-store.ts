import type { CloudBase } from '@cloudbase/node-sdk';
import { TAIL_SENTENCES } from '../../../contract/limits.ts';
import {
  countChars,
  PAGES,
  type PageRecord,
  pageId,
  SESSIONS,
  type Sentence,
  type SessionRecord,
} from '../../../contract/records.ts';
import type { Clock } from '../../../lib/clock.ts';
import { completeSession } from '../../../records/complete.ts';
import type { RecordsTx, RunTransaction } from '../../../records/port.ts';
import { isDuplicate, storeError } from '../../../records/store-errors.ts';
import { transactionsOn } from '../../../records/transaction.ts';
import type { SessionPatch, SessionStore, WriteAnswer } from './types.ts';

/** Pages are read this many at a time (the service gives at most 1000 documents, and answers of at most 16 MB). */
const PAGES_PER_READ = 20;
/** Most documents in one answer of the service. */
const MAX_DOCUMENTS_PER_READ = 1_000;

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
    return (data[0] as SessionRecord | undefined) ?? null;
  }

  claim: SessionStore['claim'] = async (seen, { clientId, claim, nowMs }) => {
    const { _id, epoch, state } = seen;
    const fields = {
      epoch: epoch + 1,
      claim,
      clientId,
      state: 'live',
      endedAt: null,
      pending: null,
      updatedAt: new Date(nowMs),
      ...(state === 'interrupted' && reopened(seen)),
    };
    const unchanged = this.#sessions.where({ _id, epoch, state, deletedAt: null });
    await request(() => unchanged.update(this.#whole(fields)));
    // read again even where it took effect: the old owner may have written since `seen`, and from here on it cannot;
    // where it did not, an earlier try of this claim may have, whose answer was lost
    const record = await this.load(_id);
    return record?.claim === claim ? record : null;
  };

  write: SessionStore['write'] = (sessionId, epoch, patch, nowMs) =>
    patch.turnPage
      ? this.#writeAndTurnPage(sessionId, epoch, patch, nowMs)
      : this.#writeToTail(sessionId, epoch, patch, nowMs);

  async sentencesAbove(sessionId: string, haveIndex: number): Promise<[number, Sentence][]> {
    const record = await this.load(sessionId);
    if (!record) return [];
    const found: [number, Sentence][] = [];
    for (let from = haveIndex + 1; from < record.tailIndex; ) {
      const pages = await this.#pagesWith(sessionId, from, record.tailIndex);
      if (pages.length === 0) break;
      for (const page of pages) found.push(...byIndex(page.sentences));
      from = Math.max(...pages.map((page) => page.firstIndex + page.count));
    }
    found.push(...byIndex(record.sentences));
    return found.filter(([index]) => index > haveIndex);
  }

  complete: SessionStore['complete'] = (asked) => completeSession(this.#transaction, asked);

  cancel: SessionStore['cancel'] = (sessionId, epoch, nowMs) =>
    this.#transaction(async (tx): Promise<WriteAnswer> => {
      const record = await tx.get<SessionRecord>(SESSIONS, sessionId);
      if (record?.epoch !== epoch || record.state !== 'live') return { stored: false, record };
      for (const id of await this.#pageIds(sessionId)) await tx.remove(PAGES, id);
      const at = new Date(nowMs);
      await tx.update(SESSIONS, sessionId, {
        title: '',
        preview: '',
        sentences: {},
        pending: null,
        overlap: null,
        state: 'cancelled',
        endedAt: at,
        updatedAt: at,
        deletedAt: at,
      });
      return { stored: true };
    });

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

  /** One conditional update of a live session; the database decides whether the epoch still holds. */
  async #writeToTail(
    sessionId: string,
    epoch: number,
    patch: SessionPatch,
    nowMs: number,
  ): Promise<WriteAnswer> {
    const owned = this.#sessions.where({ _id: sessionId, epoch, state: 'live' });
    const fields = {
      updatedAt: new Date(nowMs),
      ...this.#whole(patch.fields),
      // not as a whole: paths below a sentence leave its editedText alone when a write is repeated
      ...(Object.keys(patch.sentences).length > 0 && { sentences: patch.sentences }),
    };
    const { updated } = (await request(() => owned.update(fields))) as { updated?: number };
    if (updated) return { stored: true };
    // 0 may also mean that a write whose answer was lost is being repeated: only the record tells
    const record = await this.load(sessionId);
    return record?.epoch === epoch && record.state === 'live' ? { stored: true } : { stored: false, record };
  }

  /** The same where the tail is full: moves it to a page in one transaction. */
  #writeAndTurnPage(
    sessionId: string,
    epoch: number,
    patch: SessionPatch,
    nowMs: number,
  ): Promise<WriteAnswer> {
    return this.#transaction(async (tx): Promise<WriteAnswer> => {
      const record = await tx.get<SessionRecord>(SESSIONS, sessionId);
      if (!record || record.epoch !== epoch || record.state !== 'live') return { stored: false, record };
      // an earlier try of this write moved the tail, and its answer was lost
      const moved = record.tailIndex !== patch.tailIndex;
      if (!moved) await moveTailToPage(tx, record);
      await tx.update(SESSIONS, sessionId, {
        ...patch.fields,
        sentences: moved ? { ...patch.sentences, ...record.sentences } : patch.sentences,
        tailIndex: moved ? record.tailIndex : record.nextIndex,
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
    return (data as PageRecord[]).filter((page) => page.firstIndex + page.count > fromIndex);
  }

  async #pageIds(sessionId: string): Promise<string[]> {
    const { data } = await request(() =>
      this.#pages.where({ sessionId }).field({ _id: true }).limit(MAX_DOCUMENTS_PER_READ).get(),
    );
    return (data as { _id: string }[]).map(({ _id }) => _id);
  }
}

/**
 * One database request. The SDK rejects with some errors and resolves to `{ code }` for others: both are thrown.
 * @throws VoiceError STORE_UNAVAILABLE, INTERNAL; the SDK's own error where the document exists already
 */
async function request<T>(send: () => Promise<T>): Promise<T> {
  try {
    const answer = await send();
    if ((answer as { code?: unknown }).code) throw answer;
    return answer;
  } catch (error) {
    throw isDuplicate(error) ? error : storeError(error);
  }
}

const byIndex = (sentences: Record<string, Sentence>): [number, Sentence][] =>
  Object.entries(sentences)
    .map(([index, sentence]): [number, Sentence] => [Number(index), sentence])
    .sort(([a], [b]) => a - b);

function moveTailToPage(tx: RecordsTx, record: SessionRecord): Promise<void> {
  const page: Omit<PageRecord, '_id'> = {
    _openid: record._openid,
    sessionId: record._id,
    firstIndex: record.tailIndex,
    count: record.nextIndex - record.tailIndex,
    sentences: record.sentences,
  };
  return tx.set(PAGES, pageId(record._id, record.tailIndex), page);
}

/**
 * What changes in an interrupted session that is resumed: its audio from the last commit on is recognised now, so the
 * sentence that was kept unsettled, and the audio that the recogniser had missed, are taken out.
 */
function reopened(seen: SessionRecord): Partial<SessionRecord> {
  const losses = seen.losses.filter(({ reason }) => reason !== 'asr');
  const index = seen.promotedIndex;
  const promoted = index === null ? undefined : seen.sentences[index];
  if (index === null || !promoted) return { losses, promotedIndex: null };
  const { [index]: _dropped, ...sentences } = seen.sentences;
  return {
    losses,
    promotedIndex: null,
    sentences,
    nextIndex: index,
    sentenceCount: seen.sentenceCount - 1,
    charCount: seen.charCount - countChars(promoted.text),
    preview: seen.preview.endsWith(promoted.text)
      ? seen.preview.slice(0, seen.preview.length - promoted.text.length)
      : seen.preview,
  };
}
