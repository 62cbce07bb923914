import cloudbase from '@cloudbase/node-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TAIL_SENTENCES } from '../../../contract/limits.ts';
import { PAGES, pageId, SESSIONS } from '../../../contract/records.ts';
import { systemClock } from '../../../lib/clock.ts';
import { systemRandom } from '../../../lib/random.ts';
import { type Gateway, startGateway } from '../../../local/cloudbase/gateway.ts';
import { FakeStore } from '../../testing/fake-store.ts';
import { aSession, describeStore } from '../../testing/store-contract.ts';
import { describeRecordVersions } from '../../testing/store-record-versions.ts';
import { CloudbaseStore } from './cloudbase-store.ts';
import type { SessionStore } from './types.ts';

describeStore('in memory', () => {
  const store = new FakeStore();
  return {
    store,
    async edit(id, index, text) {
      const { sentences } = store.record(id);
      const sentence = sentences[index];
      if (sentence)
        store.change(id, { sentences: { ...sentences, [index]: { ...sentence, editedText: text } } });
    },
  };
});

describeRecordVersions('in memory', () => {
  const store = new FakeStore();
  return {
    store,
    async put(document) {
      const { _id } = document as { _id: string };
      store.documents.set(`${SESSIONS}/${_id}`, structuredClone(document) as Record<string, unknown>);
    },
  };
});

describe('with the real SDK', () => {
  let gateway: Gateway;
  let app: ReturnType<typeof cloudbase.init>;
  let store: SessionStore;

  beforeAll(async () => {
    gateway = await startGateway({
      port: 0,
      rcPath: 'cloudbaserc.json',
      envId: 'local-env',
      secrets: { AKIDlocal: 'local' },
    });
    app = cloudbase.init({
      env: 'local-env',
      secretId: 'AKIDlocal',
      secretKey: 'local',
      serviceUrl: gateway.adminUrl,
      timeout: 2_000,
    });
    process.env.TENCENTCLOUD = 'true';
    process.env.SILENCE = 'true';
    store = new CloudbaseStore(app, systemClock, systemRandom);
  });
  afterAll(() => gateway.stop());

  describeStore('in the CloudBase database', () => ({
    store,
    edit: async (id, index, text) => {
      await app
        .database()
        .collection(SESSIONS)
        .where({ _id: id })
        .update({ [`sentences.${index}.editedText`]: text });
    },
  }));

  describeRecordVersions('in the CloudBase database', () => ({
    store,
    put: async (document) => {
      await app.database().collection(SESSIONS).add(document);
    },
  }));

  it('says STORE_UNAVAILABLE while the database is away, and a write whose answer was lost counts', async () => {
    const record = aSession();
    await store.create(record);
    const id = { sessionId: record._id, epoch: 1, seq: 1 };
    const patch = {
      sentences: { 0: { text: '你好', startMs: 0, endMs: 1 } },
      fields: { nextIndex: 1 },
      tailFull: false,
    };
    gateway.faults.set({ rules: [{ effect: 'refuse' }] });
    await expect(store.load(record._id)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retriable: true,
    });
    await expect(store.write(id, patch, 5)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    gateway.faults.set({ rules: [{ match: 'database.modifyDocument', effect: 'lose-answer', times: 1 }] });
    await expect(store.write(id, patch, 5)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await store.sentencesAbove(record._id, -1)).toHaveLength(1);
    expect(await store.write(id, patch, 5)).toEqual({ stored: true });
  });

  it('changes nothing by a request that was given up and takes place after its repeat', async () => {
    const record = aSession();
    await store.create(record);
    const id = (seq: number) => ({ sessionId: record._id, epoch: 1, seq });
    const patchOf = (index: number) => ({
      sentences: { [index]: { text: `句${index}`, startMs: 0, endMs: 1 } },
      fields: { nextIndex: index + 1 },
      tailFull: false,
    });
    gateway.counters.reset();
    gateway.faults.set({
      rules: [{ match: 'database.modifyDocument', effect: 'late', lateMs: 300, times: 1 }],
    });
    await expect(store.write(id(1), patchOf(0), 5)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await store.write(id(1), patchOf(0), 6)).toEqual({ stored: true });
    expect(await store.write(id(2), patchOf(1), 7)).toEqual({ stored: true });
    const stored = await store.load(record._id);
    await expect.poll(() => gateway.counters.byAction['database.modifyDocument']).toBe(3);
    expect(await store.load(record._id)).toEqual(stored);
  });

  describe('cancelling a session of eight hours', () => {
    const PAGE_COUNT = 165;
    const writes = { storedSeq: 0, attemptedSeq: 0 };
    const pages = (id: string) => gateway.dump(PAGES).filter(({ sessionId }) => sessionId === id).length;

    async function aLongSession(): Promise<string> {
      const sentence = { text: '秘密', startMs: 0, endMs: 1 };
      const nextIndex = PAGE_COUNT * TAIL_SENTENCES;
      const record = aSession({ nextIndex, tailIndex: nextIndex, sentenceCount: nextIndex, title: '秘密' });
      await store.create(record);
      const { _id: sessionId, _openid } = record;
      const docs = Array.from({ length: PAGE_COUNT }, (_, i) => ({
        _id: pageId(sessionId, i * TAIL_SENTENCES),
        _openid,
        sessionId,
        firstIndex: i * TAIL_SENTENCES,
        count: 1,
        sentences: { [i * TAIL_SENTENCES]: sentence },
      }));
      await app.database().collection(PAGES).add(docs);
      return sessionId;
    }

    it('takes few requests, so that it fits the time limit of a slow database', async () => {
      const sessionId = await aLongSession();
      gateway.counters.reset();
      expect(await store.cancel({ sessionId, epoch: 1, writes }, 5)).toEqual({ stored: true });
      // 30 s at 200 ms a request would be 150
      expect(gateway.counters.requests).toBeLessThanOrEqual(10);
      expect(gateway.counters.byAction['database.startTransaction']).toBeUndefined();
      expect(pages(sessionId)).toBe(0);
    });

    it('that stops in the middle shows no text, and goes on when it is repeated', async () => {
      const sessionId = await aLongSession();
      gateway.faults.set({
        rules: [{ match: 'database.removeDocument', effect: 'refuse', times: 1 }],
      });
      const cancel = () => store.cancel({ sessionId, epoch: 1, writes }, 5);
      await expect(cancel()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true });
      expect(pages(sessionId)).toBe(PAGE_COUNT);
      const record = await store.load(sessionId);
      expect(record).toMatchObject({ state: 'cancelled', title: '', sentences: {}, sentenceCount: 0 });
      expect(await store.sentencesAbove(sessionId, -1)).toEqual([]);
      expect(await cancel()).toEqual({ stored: true });
      expect(pages(sessionId)).toBe(0);
      expect(await store.load(sessionId)).toEqual(record);
    });
  });
});
