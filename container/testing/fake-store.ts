import { VoiceError } from '../../contract/errors.ts';
import { msToSamples } from '../../contract/limits.ts';
import {
  lossesAtResume,
  PAGES,
  pageId,
  SESSIONS,
  type Sentence,
  type SessionRecord,
  sentencesInOrder,
} from '../../contract/records.ts';
import { completeSession } from '../../records/complete.ts';
import type { RecordsTx, RunTransaction } from '../../records/port.ts';
import { stampOver, upgraded } from '../../records/schema-version.ts';
import type { SessionStore, WriteAnswer } from '../src/store/types.ts';

/**
 * The session store in memory; it passes the same tests as the real one (store-contract.ts). It can be unavailable, and
 * it can lose the answer to a write that took place.
 */
export class FakeStore implements SessionStore {
  readonly documents = new Map<string, Record<string, unknown>>();
  writes = 0;
  /** Every request fails, without effect. */
  unavailable = false;
  /** The next requests take place, but their answers are lost. */
  loseAnswers = 0;
  /** The next requests of this number fail, and take place only in {@link runDelayed}. */
  delayNext = 0;
  private readonly delayed: (() => unknown)[] = [];

  /** Requests that were given up arrive after all. */
  runDelayed(): void {
    for (const work of this.delayed.splice(0)) work();
  }

  record(sessionId: string): SessionRecord {
    const record = this.documents.get(`${SESSIONS}/${sessionId}`);
    if (!record) throw new Error(`no session ${sessionId}`);
    return upgraded(SESSIONS, structuredClone(record));
  }

  /** All sentences of a session, in order, as history would show them. */
  texts(sessionId: string): string[] {
    return this.sentences(sessionId).map(([, { text }]) => text);
  }

  private sentences(sessionId: string): [number, Sentence][] {
    const pages = [...this.documents]
      .filter(([key]) => key.startsWith(`${PAGES}/${sessionId}`))
      .map(([, page]) => page.sentences as Record<string, Sentence>);
    return [...pages, this.record(sessionId).sentences]
      .flatMap((sentences) => sentencesInOrder(sentences))
      .sort(([a], [b]) => a - b);
  }

  change(sessionId: string, patch: Partial<SessionRecord>): void {
    this.documents.set(`${SESSIONS}/${sessionId}`, { ...this.record(sessionId), ...patch });
  }

  private async answer<T>(work: () => T): Promise<T> {
    await Promise.resolve();
    if (this.delayNext > 0) {
      this.delayNext -= 1;
      this.delayed.push(work);
      throw new VoiceError('STORE_UNAVAILABLE');
    }
    if (this.unavailable) throw new VoiceError('STORE_UNAVAILABLE');
    const answer = work();
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw new VoiceError('STORE_UNAVAILABLE');
    }
    return structuredClone(answer);
  }

  private lastTransaction: Promise<unknown> = Promise.resolve();

  /** Transactions run one after the other. */
  private readonly run: RunTransaction = (fn) => {
    const mine = this.lastTransaction.then(
      () => this.runNow(fn),
      () => this.runNow(fn),
    );
    this.lastTransaction = mine;
    mine.catch(() => {});
    return mine;
  };

  private readonly runNow: RunTransaction = async (fn) => {
    if (this.unavailable) throw new VoiceError('STORE_UNAVAILABLE');
    const before = new Map(this.documents);
    const key = (collection: string, id: string) => `${collection}/${id}`;
    const tx: RecordsTx = {
      get: async <T>(collection: string, id: string) =>
        (structuredClone(this.documents.get(key(collection, id))) as T | undefined) ?? null,
      set: async (collection, id, doc) => {
        this.documents.set(key(collection, id), { _id: id, ...structuredClone(doc) });
      },
      update: async (collection, id, patch) => {
        this.documents.set(key(collection, id), {
          ...this.documents.get(key(collection, id)),
          ...structuredClone(patch),
        });
      },
      remove: async (collection, id) => {
        this.documents.delete(key(collection, id));
      },
    };
    try {
      const result = await fn(tx);
      if (this.loseAnswers > 0) {
        this.loseAnswers -= 1;
        throw new VoiceError('STORE_UNAVAILABLE');
      }
      return result;
    } catch (error) {
      if (!(error instanceof VoiceError && error.code === 'STORE_UNAVAILABLE')) {
        this.documents.clear();
        for (const [id, doc] of before) this.documents.set(id, doc);
      }
      throw error;
    }
  };

  create = (record: SessionRecord): Promise<boolean> =>
    this.answer(() => {
      if (this.documents.has(`${SESSIONS}/${record._id}`)) return false;
      this.documents.set(
        `${SESSIONS}/${record._id}`,
        structuredClone(record) as unknown as Record<string, unknown>,
      );
      return true;
    });

  load = (sessionId: string): Promise<SessionRecord | null> =>
    this.answer(() => (this.documents.has(`${SESSIONS}/${sessionId}`) ? this.record(sessionId) : null));

  claim: SessionStore['claim'] = (seen, { clientId, claim, nowMs }) =>
    this.answer(() => {
      const now = this.record(seen._id);
      if (now.claim === claim) return now;
      if (now.epoch !== seen.epoch || now.state !== seen.state || now.deletedAt) return null;
      const interrupted = seen.state === 'interrupted';
      const moved = now.nextIndex !== seen.nextIndex || now.promotedIndex !== seen.promotedIndex;
      if (interrupted && moved) return null;
      const index = interrupted ? seen.promotedIndex : null;
      const promoted = index === null ? undefined : now.sentences[index];
      const edited = index === null ? undefined : seen.sentences[index]?.editedText;
      if (promoted?.editedText !== edited) return null;
      if (promoted && edited !== undefined) {
        now.overlap = {
          text: (seen.overlap?.text ?? '') + promoted.text,
          endPos: msToSamples(promoted.endMs, now.sampleRate),
        };
        now.checkpoint = null;
      } else if (index !== null && promoted) {
        delete now.sentences[index];
        now.nextIndex -= 1;
        now.sentenceCount -= 1;
      }
      const taken: Partial<SessionRecord> = {
        ...now,
        ...stampOver(now),
        epoch: seen.epoch + 1,
        claim,
        clientId,
        state: 'live',
        endedAt: null,
        pending: null,
        promotedIndex: null,
        losses: lossesAtResume(now),
        updatedAt: new Date(nowMs),
      };
      this.change(seen._id, taken);
      return this.record(seen._id);
    });

  write: SessionStore['write'] = ({ sessionId, epoch, seq }, patch, nowMs) =>
    this.answer((): WriteAnswer => {
      const now = this.documents.has(`${SESSIONS}/${sessionId}`) ? this.record(sessionId) : null;
      if (!now || now.epoch !== epoch || now.state !== 'live') return { stored: false, record: now };
      if (now.writeSeq === seq) return { stored: true };
      if (now.writeSeq !== seq - 1) return { stored: false, record: now };
      this.writes += 1;
      if (patch.tailFull) {
        const { tailIndex: firstIndex, nextIndex, sentences, _openid } = now;
        const id = pageId(sessionId, firstIndex);
        const page = { _id: id, _openid, sessionId, firstIndex, count: nextIndex - firstIndex, sentences };
        this.documents.set(`${PAGES}/${id}`, { ...page, ...stampOver(now) });
      }
      this.change(sessionId, {
        ...patch.fields,
        writeSeq: seq,
        sentences: patch.tailFull ? patch.sentences : { ...now.sentences, ...patch.sentences },
        ...(patch.tailFull && { tailIndex: now.nextIndex }),
        updatedAt: new Date(nowMs),
      });
      return { stored: true };
    });

  sentencesAbove: SessionStore['sentencesAbove'] = (sessionId, haveIndex) =>
    this.answer(() => this.sentences(sessionId).filter(([index]) => index > haveIndex));

  complete: SessionStore['complete'] = (request) => completeSession(this.run, request);

  cancel: SessionStore['cancel'] = ({ sessionId, epoch, writes }, nowMs) =>
    this.answer((): WriteAnswer => {
      const now = this.record(sessionId);
      if (now.epoch === epoch && now.state === 'cancelled') return { stored: true };
      if (now.epoch !== epoch || now.state !== 'live') return { stored: false, record: now };
      if (now.writeSeq < writes.storedSeq || now.writeSeq > writes.attemptedSeq)
        return { stored: false, record: now };
      const at = new Date(nowMs);
      for (const key of this.documents.keys())
        if (key.startsWith(`${PAGES}/${sessionId}`)) this.documents.delete(key);
      this.change(sessionId, {
        state: 'cancelled',
        sentences: {},
        title: '',
        preview: '',
        deletedAt: at,
        endedAt: at,
      });
      return { stored: true };
    });
}
