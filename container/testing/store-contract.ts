import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Loss, Sentence, SentenceCheckpoint, SessionRecord } from '../../contract/records.ts';
import { newSession } from '../../records/new-session.ts';
import type { SessionPatch, SessionStore, WriteId } from '../src/store/types.ts';

export const NOW_MS = 1_760_000_000_000;

/** A live session of client-1. */
export const aSession = (patch: Partial<SessionRecord> = {}): SessionRecord => ({
  ...newSession(
    {
      _id: randomUUID(),
      _openid: 'oUser',
      clientId: 'client-1',
      source: 'stream',
      state: 'live',
      claim: 'claim-1',
      engine: '16k_zh',
      sampleRate: 16_000,
      title: '',
    },
    NOW_MS,
  ),
  ...patch,
});

const sentence = (text: string): Sentence => ({ text, startMs: 0, endMs: 1_000 });

/** A write of sentences `from` … `to - 1`. */
export function patchOf(from: number, to: number, more: Partial<SessionPatch> = {}): SessionPatch {
  const indexes = Array.from({ length: to - from }, (_, i) => from + i);
  return {
    sentences: Object.fromEntries(indexes.map((index) => [index, sentence(`句${index}`)])),
    fields: { nextIndex: to, sentenceCount: to, committedPos: to * 1_000, overlap: null, pending: null },
    tailFull: false,
    ...more,
  };
}

export const writeId = (sessionId: string, epoch: number, seq: number): WriteId => ({
  sessionId,
  epoch,
  seq,
});

export const texts = async (store: SessionStore, id: string, have = -1) =>
  (await store.sentencesAbove(id, have)).map(([index, { text }]) => [index, text]);

/** The tests that every session store must pass. */
export function describeStore(
  name: string,
  make: () => { store: SessionStore; edit: (id: string, index: number, text: string) => Promise<void> },
): void {
  describe(`the session store ${name}`, () => {
    it('creates a session once', async () => {
      const { store } = make();
      const record = aSession();
      expect(await store.create(record)).toBe(true);
      expect(await store.create({ ...record, title: 'other' })).toBe(false);
      expect(await store.load(record._id)).toEqual(record);
      expect(await store.load(randomUUID())).toBeNull();
    });

    it('writes under the epoch that owns, and under no other', async () => {
      const { store } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      expect(await store.write(writeId(_id, 1, 1), patchOf(0, 2), NOW_MS + 1)).toEqual({ stored: true });
      expect(await store.write(writeId(_id, 2, 2), patchOf(2, 3), NOW_MS + 2)).toMatchObject({
        stored: false,
        record: { epoch: 1 },
      });
      expect(await store.write(writeId(randomUUID(), 1, 1), patchOf(0, 1), NOW_MS)).toEqual({
        stored: false,
        record: null,
      });
      expect(await texts(store, _id)).toEqual([
        [0, '句0'],
        [1, '句1'],
      ]);
    });

    it('accepts a repeated write, and keeps an edit made meanwhile', async () => {
      const { store, edit } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      await store.write(writeId(_id, 1, 1), patchOf(0, 2), NOW_MS + 1);
      await edit(_id, 1, '改过');
      expect(await store.write(writeId(_id, 1, 1), patchOf(0, 2), NOW_MS + 1)).toEqual({ stored: true });
      const record = await store.load(_id);
      expect(record?.sentences['1']).toEqual({ ...sentence('句1'), editedText: '改过' });
    });

    it('replaces objects that were null, and makes null of objects', async () => {
      const { store } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      const overlap = { text: '现在', endPos: 5 };
      await store.write(
        writeId(_id, 1, 1),
        patchOf(0, 1, { fields: { overlap, pending: sentence('未完') } }),
        NOW_MS,
      );
      expect(await store.load(_id)).toMatchObject({ overlap, pending: { text: '未完' } });
      await store.write(
        writeId(_id, 1, 2),
        patchOf(1, 1, { fields: { overlap: null, pending: null } }),
        NOW_MS + 1,
      );
      expect(await store.load(_id)).toMatchObject({ overlap: null, pending: null });
    });

    it('moves a full tail to a page, once, with its edits', async () => {
      const { store, edit } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      await store.write(writeId(_id, 1, 1), patchOf(0, 50), NOW_MS);
      await edit(_id, 7, '改过');
      const next = patchOf(50, 52, { tailFull: true });
      expect(await store.write(writeId(_id, 1, 2), next, NOW_MS + 1)).toEqual({ stored: true });
      expect(await store.write(writeId(_id, 1, 2), next, NOW_MS + 2)).toEqual({ stored: true });
      const more = patchOf(52, 53);
      expect(await store.write(writeId(_id, 1, 3), more, NOW_MS + 2)).toEqual({ stored: true });
      const record = await store.load(_id);
      expect(record).toMatchObject({ tailIndex: 50, nextIndex: 53, writeSeq: 3 });
      expect(Object.keys(record?.sentences ?? {})).toEqual(['50', '51', '52']);
      const all = await store.sentencesAbove(_id, -1);
      expect(all.map(([index]) => index)).toEqual(Array.from({ length: 53 }, (_, i) => i));
      expect(all[7]?.[1].editedText).toBe('改过');
      expect(await texts(store, _id, 48)).toEqual([49, 50, 51, 52].map((i) => [i, `句${i}`]));
      expect(
        await store.write(writeId(_id, 2, 3), patchOf(53, 54, { tailFull: true }), NOW_MS),
      ).toMatchObject({
        stored: false,
      });
    });

    it('changes nothing by a write that arrives after later ones, with or without a turned page', async () => {
      const { store } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      const first = patchOf(0, 48);
      const turning = patchOf(48, 53, { tailFull: true });
      await store.write(writeId(_id, 1, 1), first, NOW_MS);
      await store.write(writeId(_id, 1, 2), turning, NOW_MS + 1);
      await store.write(writeId(_id, 1, 3), patchOf(53, 55), NOW_MS + 2);
      const stored = await store.load(_id);
      expect(await store.write(writeId(_id, 1, 1), first, NOW_MS + 3)).toMatchObject({ stored: false });
      expect(await store.write(writeId(_id, 1, 2), turning, NOW_MS + 3)).toMatchObject({ stored: false });
      expect(await store.load(_id)).toEqual(stored);
      expect((await texts(store, _id)).map(([index]) => index)).toEqual(
        Array.from({ length: 55 }, (_, i) => i),
      );
    });

    it('takes no write before the one that it follows', async () => {
      const { store } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      expect(await store.write(writeId(_id, 1, 2), patchOf(0, 1), NOW_MS)).toMatchObject({ stored: false });
      expect(await store.load(_id)).toMatchObject({ nextIndex: 0, writeSeq: 0 });
    });

    it('completes for its owner only after the owner’s newest write', async () => {
      const { store } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      await store.write(writeId(_id, 1, 1), patchOf(0, 1), NOW_MS);
      const request = { sessionId: _id, state: 'completed' as const, nowMs: NOW_MS };
      const early = await store.complete({ ...request, owner: { epoch: 1, writeSeq: 0 } });
      expect(early).toMatchObject({ outcome: 'fenced', record: { state: 'live' } });
      const done = await store.complete({ ...request, owner: { epoch: 1, writeSeq: 1 } });
      expect(done).toMatchObject({ outcome: 'completed' });
    });

    it('gives a session to exactly one of two who claim it at the same moment', async () => {
      const { store } = make();
      const seen = aSession();
      await store.create(seen);
      const claims = await Promise.all(
        ['a', 'b'].map((claim) =>
          store.claim(seen, { clientId: `client-${claim}`, claim, nowMs: NOW_MS + 5 }),
        ),
      );
      const won = claims.filter((record) => record !== null);
      expect(won).toHaveLength(1);
      expect(won[0]).toMatchObject({ epoch: 2, state: 'live' });
      expect(await store.load(seen._id)).toEqual(won[0]);
      const claim = won[0]?.claim ?? '';
      const again = await store.claim(seen, { clientId: won[0]?.clientId ?? '', claim, nowMs: NOW_MS + 9 });
      expect(again).toMatchObject({ epoch: 2, claim });
    });

    it('hands a session over as its old owner left it, though that wrote once more after it was read', async () => {
      const { store } = make();
      const seen = aSession();
      await store.create(seen);
      await store.write(writeId(seen._id, 1, 1), patchOf(0, 2), NOW_MS + 1);
      const claimed = await store.claim(seen, { clientId: 'client-2', claim: 'c', nowMs: NOW_MS + 5 });
      expect(claimed).toMatchObject({ epoch: 2, nextIndex: 2, committedPos: 2_000 });
      expect(claimed).toEqual(await store.load(seen._id));
    });

    it('reopens an interrupted session without its promoted sentence, and counts the session once', async () => {
      const { store } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      await store.write(
        writeId(_id, 1, 1),
        patchOf(0, 1, { fields: { ...patchOf(0, 1).fields, pending: sentence('未完') } }),
        NOW_MS,
      );
      const orphanedBeforeMs = NOW_MS + 10;
      await store.complete({ sessionId: _id, state: 'interrupted', nowMs: NOW_MS + 20, orphanedBeforeMs });
      const seen = await store.load(_id);
      expect(seen).toMatchObject({ state: 'interrupted', epoch: 2, sentenceCount: 2, promotedIndex: 1 });
      const claimed = await store.claim(seen as SessionRecord, {
        clientId: 'client-1',
        claim: 'c',
        nowMs: NOW_MS + 30,
      });
      expect(claimed).toMatchObject({ state: 'live', epoch: 3, nextIndex: 1, sentenceCount: 1 });
      expect(await texts(store, _id)).toEqual([[0, '句0']]);
      await store.write(writeId(_id, 3, 2), patchOf(1, 2), NOW_MS + 40);
      const ended = await store.complete({
        sessionId: _id,
        owner: { epoch: 3, writeSeq: 2 },
        state: 'completed',
        nowMs: NOW_MS + 50,
      });
      expect(ended).toMatchObject({
        outcome: 'completed',
        record: { counted: { kind: 'completed', sentences: 2 } },
      });
    });

    /** An interrupted session of two sentences, the second of which came from the open one. */
    async function interrupted(
      store: SessionStore,
      more: Partial<SessionPatch['fields']> = {},
    ): Promise<string> {
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      const { fields } = patchOf(0, 1);
      await store.write(
        writeId(_id, 1, 1),
        patchOf(0, 1, { fields: { ...fields, pending: sentence('未完'), ...more } }),
        NOW_MS,
      );
      const orphanedBeforeMs = NOW_MS + 10;
      await store.complete({ sessionId: _id, state: 'interrupted', nowMs: NOW_MS + 20, orphanedBeforeMs });
      return _id;
    }
    const claimant = { clientId: 'client-1', claim: 'c', nowMs: NOW_MS + 30 };

    it('keeps what was lost before the last commit, and hears again what the recogniser missed behind it', async () => {
      const { store } = make();
      const lost = (startMs: number, reason: Loss['reason']): Loss => ({
        startMs,
        endMs: startMs + 500,
        reason,
      });
      const [missed, overflow, toHear] = [
        lost(1_000, 'asr'),
        lost(2_500, 'client-overflow'),
        lost(3_500, 'asr'),
      ];
      const _id = await interrupted(store, { committedPos: 2_000 * 16, losses: [missed, overflow, toHear] });
      const claimed = await store.claim((await store.load(_id)) as SessionRecord, claimant);
      expect(claimed?.losses).toEqual([missed, overflow]);
    });

    it('keeps an edit that is made while an interrupted session is claimed', async () => {
      const { store, edit } = make();
      const _id = await interrupted(store);
      const seen = (await store.load(_id)) as SessionRecord;
      await edit(_id, 0, '改过');
      expect(await store.claim(seen, claimant)).toMatchObject({ state: 'live', nextIndex: 1 });
      expect((await store.load(_id))?.sentences).toEqual({ 0: { ...sentence('句0'), editedText: '改过' } });
    });

    /** A checkpoint within the second sentence of `interrupted`. */
    const CHECKPOINT: SentenceCheckpoint = {
      index: 1,
      pos: 9_000,
      text: '未',
      startPos: 100,
      words: [{ text: '未', startPos: 100, endPos: 8_000 }],
    };

    it('keeps a checkpoint of an open sentence through claims, and for who resumes an interrupted session', async () => {
      const { store } = make();
      const _id = await interrupted(store, { checkpoint: CHECKPOINT });
      const seen = (await store.load(_id)) as SessionRecord;
      const claimed = await store.claim(seen, claimant);
      expect(claimed).toMatchObject({ state: 'live', nextIndex: 1, checkpoint: CHECKPOINT, pending: null });
      const again = await store.claim(claimed as SessionRecord, { ...claimant, claim: 'd' });
      expect(again?.checkpoint).toEqual(CHECKPOINT);
      const id = writeId(_id, again?.epoch ?? 0, (again?.writeSeq ?? 0) + 1);
      await store.write(id, patchOf(1, 2, { fields: { ...patchOf(1, 2).fields, checkpoint: null } }), NOW_MS);
      expect((await store.load(_id))?.checkpoint).toBeNull();
    });

    it('forgets the checkpoint where the interrupted sentence was edited', async () => {
      const { store, edit } = make();
      const _id = await interrupted(store, { checkpoint: CHECKPOINT });
      await edit(_id, 1, '改过');
      const seen = (await store.load(_id)) as SessionRecord;
      expect(await store.claim(seen, claimant)).toMatchObject({ nextIndex: 2, checkpoint: null });
    });

    it('ends a session that was claimed and not heard again with the words before its checkpoint', async () => {
      const { store } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      const { fields } = patchOf(0, 1);
      await store.write(
        writeId(_id, 1, 1),
        patchOf(0, 1, { fields: { ...fields, checkpoint: CHECKPOINT } }),
        NOW_MS,
      );
      const claimed = (await store.claim(
        (await store.load(_id)) as SessionRecord,
        claimant,
      )) as SessionRecord;
      const { record } = await store.complete({
        sessionId: _id,
        state: 'completed',
        nowMs: NOW_MS,
        owner: { epoch: claimed.epoch, writeSeq: claimed.writeSeq },
      });
      expect(record).toMatchObject({ sentenceCount: 2, promotedIndex: 1, checkpoint: null });
      expect(record?.sentences[1]).toEqual({ text: '未', startMs: 6, endMs: 500 });
    });

    it('keeps an edited sentence of an interrupted session, and remembers it as text that will be heard again', async () => {
      const { store, edit } = make();
      const _id = await interrupted(store);
      const seen = (await store.load(_id)) as SessionRecord;
      await edit(_id, 1, '改过');
      expect(await store.claim(seen, claimant)).toBeNull();
      const again = (await store.load(_id)) as SessionRecord;
      expect(await store.claim(again, claimant)).toMatchObject({
        state: 'live',
        nextIndex: 2,
        sentenceCount: 2,
        promotedIndex: null,
        overlap: { text: '未完', endPos: 16_000 },
        sentences: { 1: { editedText: '改过' } },
      });
    });

    it('completes once, answers "already" after that, and "fenced" to who is not the owner', async () => {
      const { store } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      const request = { sessionId: _id, state: 'completed' as const, nowMs: NOW_MS };
      expect(await store.complete({ ...request, owner: { epoch: 9, writeSeq: 0 } })).toMatchObject({
        outcome: 'fenced',
      });
      const both = await Promise.all([
        store.complete({ ...request, owner: { epoch: 1, writeSeq: 0 } }),
        store.complete({ ...request, owner: { epoch: 1, writeSeq: 0 } }),
      ]);
      expect(both.map(({ outcome }) => outcome).sort()).toEqual(['already', 'completed']);
      expect(await store.complete({ ...request, sessionId: randomUUID() })).toEqual({
        outcome: 'missing',
        record: null,
      });
    });

    it('cancels without keeping anything', async () => {
      const { store } = make();
      const { _id } = aSession();
      await store.create(aSession({ _id }));
      await store.write(writeId(_id, 1, 1), patchOf(0, 50), NOW_MS);
      await store.write(writeId(_id, 1, 2), patchOf(50, 51, { tailFull: true }), NOW_MS);
      const writes = (storedSeq: number, attemptedSeq: number) => ({ storedSeq, attemptedSeq });
      const owner = { sessionId: _id, epoch: 1, writes: writes(1, 2) };
      expect(await store.cancel({ ...owner, epoch: 2 }, NOW_MS)).toMatchObject({ stored: false });
      expect(await store.cancel({ ...owner, writes: writes(1, 1) }, NOW_MS)).toMatchObject({ stored: false });
      expect(await store.cancel(owner, NOW_MS)).toEqual({ stored: true });
      // The answer may have been lost.
      expect(await store.cancel(owner, NOW_MS + 1)).toEqual({ stored: true });
      expect(await store.load(_id)).toMatchObject({ state: 'cancelled', sentences: {} });
      expect(await texts(store, _id)).toEqual([]);
    });
  });
}
