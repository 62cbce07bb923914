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
import type { RecordsTx } from '../../../records/port.ts';
import { isDuplicate, unavailable } from './database-errors.ts';
import { transactionsOn } from './transaction.ts';
import type { SessionPatch, SessionStore, WriteAnswer } from './types.ts';

/** Pages are read this many at a time (the service gives at most 1000 documents, and answers of at most 16 MB). */
const PAGES_PER_READ = 20;

const byIndex = (sentences: Record<string, Sentence>): [number, Sentence][] =>
  Object.entries(sentences)
    .map(([index, sentence]): [number, Sentence] => [Number(index), sentence])
    .sort(([a], [b]) => a - b);

/** The session's records in the CloudBase database, through the official SDK. */
export function createCloudbaseStore(app: CloudBase, clock: Clock): SessionStore {
  const db = app.database();
  const _ = db.command;
  const sessions = () => db.collection(SESSIONS);
  const run = transactionsOn(db, clock);

  /** The SDK answers errors as thrown things or as `{ code }`, depending on its mood: both become one error. */
  const ask = async <T>(request: () => Promise<T>): Promise<T> => {
    try {
      const answer = await request();
      if ((answer as { code?: unknown }).code) throw answer;
      return answer;
    } catch (error) {
      throw isDuplicate(error) ? error : unavailable(error);
    }
  };

  const load = async (sessionId: string): Promise<SessionRecord | null> => {
    const { data } = await ask(() => sessions().where({ _id: sessionId }).limit(1).get());
    return (data[0] as SessionRecord | undefined) ?? null;
  };

  /** One conditional update of a live session; the database decides whether the epoch still holds. */
  const updateOwned = async (sessionId: string, epoch: number, fields: object): Promise<WriteAnswer> => {
    const owned = sessions().where({ _id: sessionId, epoch, state: 'live' });
    const { updated } = (await ask(() => owned.update(fields))) as { updated?: number };
    if (updated) return { stored: true };
    // 0 may also mean that a write whose answer was lost is being repeated: only the record tells
    const record = await load(sessionId);
    return record?.epoch === epoch && record.state === 'live' ? { stored: true } : { stored: false, record };
  };

  const fieldsOf = (patch: SessionPatch, nowMs: number): object => {
    const fields: Record<string, unknown> = { updatedAt: new Date(nowMs) };
    for (const [key, value] of Object.entries(patch.fields)) fields[key] = _.set(value);
    // not set(): paths below a sentence leave its editedText alone when a write is repeated
    if (Object.keys(patch.sentences).length > 0) fields.sentences = patch.sentences;
    return fields;
  };

  const turnPage = (
    sessionId: string,
    epoch: number,
    patch: SessionPatch,
    nowMs: number,
  ): Promise<WriteAnswer> =>
    run(async (tx): Promise<WriteAnswer> => {
      const record = await tx.get<SessionRecord>(SESSIONS, sessionId);
      if (!record || record.epoch !== epoch || record.state !== 'live') return { stored: false, record };
      // an earlier try of this write moved the tail, and its answer was lost
      const moved = record.tailIndex !== patch.tailIndex;
      const tailIndex = moved ? record.tailIndex : record.nextIndex;
      if (!moved) await movePage(tx, record);
      await tx.update(SESSIONS, sessionId, {
        ...patch.fields,
        sentences: moved ? { ...patch.sentences, ...record.sentences } : patch.sentences,
        tailIndex,
        updatedAt: new Date(nowMs),
      });
      return { stored: true };
    });

  const movePage = (tx: RecordsTx, record: SessionRecord): Promise<void> => {
    const page: Omit<PageRecord, '_id'> = {
      _openid: record._openid,
      sessionId: record._id,
      firstIndex: record.tailIndex,
      count: record.nextIndex - record.tailIndex,
      sentences: record.sentences,
    };
    return tx.set(PAGES, pageId(record._id, record.tailIndex), page);
  };

  return {
    load,

    async create(record) {
      try {
        await ask(() => sessions().add(record));
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },

    async claim(seen, { clientId, claim, nowMs }) {
      const reopened =
        seen.state === 'interrupted' ? { ...withoutPromoted(seen), losses: withoutUnheard(seen) } : {};
      const fields = {
        epoch: seen.epoch + 1,
        claim,
        clientId,
        state: 'live' as const,
        endedAt: null,
        pending: null,
        updatedAt: new Date(nowMs),
        ...reopened,
      };
      const whole = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, _.set(value)]));
      const unchanged = sessions().where({
        _id: seen._id,
        epoch: seen.epoch,
        state: seen.state,
        deletedAt: null,
      });
      await ask(() => unchanged.update(whole));
      // read again even where it took effect: the old owner may have written since `seen`, and from here on it cannot;
      // where it did not, an earlier try of this claim may have, whose answer was lost
      const record = await load(seen._id);
      return record?.claim === claim ? record : null;
    },

    write: (sessionId, epoch, patch, nowMs) =>
      patch.turnPage
        ? turnPage(sessionId, epoch, patch, nowMs)
        : updateOwned(sessionId, epoch, fieldsOf(patch, nowMs)),

    async sentencesAbove(sessionId, haveIndex) {
      const found: [number, Sentence][] = [];
      const record = await load(sessionId);
      if (!record) return found;
      for (let from = haveIndex + 1; from < record.tailIndex; ) {
        const { data } = await ask(() =>
          db
            .collection(PAGES)
            .where({
              sessionId: record._id,
              firstIndex: _.gt(from - TAIL_SENTENCES).and(_.lt(record.tailIndex)),
            })
            .orderBy('firstIndex', 'asc')
            .limit(PAGES_PER_READ)
            .get(),
        );
        const pages = (data as PageRecord[]).filter((page) => page.firstIndex + page.count > from);
        if (pages.length === 0) break;
        for (const page of pages) found.push(...byIndex(page.sentences));
        from = Math.max(...pages.map((page) => page.firstIndex + page.count));
      }
      found.push(...byIndex(record.sentences));
      return found.filter(([index]) => index > haveIndex);
    },

    complete: (request) => completeSession(run, request),

    cancel: (sessionId, epoch, nowMs) =>
      run(async (tx): Promise<WriteAnswer> => {
        const record = await tx.get<SessionRecord>(SESSIONS, sessionId);
        if (record?.epoch !== epoch || record.state !== 'live') return { stored: false, record };
        for (const { _id } of await pagesOf(sessionId)) await tx.remove(PAGES, _id);
        const at = new Date(nowMs);
        const nothing = { title: '', preview: '', sentences: {}, pending: null, overlap: null };
        await tx.update(SESSIONS, sessionId, {
          ...nothing,
          state: 'cancelled',
          endedAt: at,
          updatedAt: at,
          deletedAt: at,
        });
        return { stored: true };
      }),
  };

  async function pagesOf(sessionId: string): Promise<{ _id: string }[]> {
    const { data } = await ask(() =>
      db.collection(PAGES).where({ sessionId }).field({ _id: true }).limit(1000).get(),
    );
    return data as { _id: string }[];
  }
}

/** A session that ended without its owner kept its unsettled sentence; its audio is heard now, so it goes. */
function withoutPromoted(seen: SessionRecord): Partial<SessionRecord> {
  const index = seen.promotedIndex;
  const promoted = index === null ? undefined : seen.sentences[index];
  if (index === null || !promoted) return { promotedIndex: null };
  const { [index]: _dropped, ...sentences } = seen.sentences;
  return {
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

/** What a recogniser that stayed away had not heard is heard now. */
const withoutUnheard = (seen: SessionRecord): SessionRecord['losses'] =>
  seen.losses.filter(({ reason }) => reason !== 'asr');
