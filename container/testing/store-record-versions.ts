import { describe, expect, it } from 'vitest';
import { SCHEMA_VERSION, type SessionRecord } from '../../contract/records.ts';
import type { SessionStore } from '../src/store/types.ts';
import { aSession, NOW_MS, patchOf, texts, writeId } from './store-contract.ts';

/**
 * What every session store must do with records of other releases.
 * @param make `put` stores a session's document as it is
 */
export function describeRecordVersions(
  name: string,
  make: () => { store: SessionStore; put: (document: object) => Promise<void> },
): void {
  describe(`the session store ${name} and records of other releases`, () => {
    it('takes over what a release without versions, write numbers and checkpoints left, and says that it is its own now', async () => {
      const { store, put } = make();
      const { writeSeq, checkpoint, schemaVersion, oldestReader, ...old } = aSession();
      await put(old);
      const seen = (await store.load(old._id)) as SessionRecord;
      expect(seen).toEqual({ ...old, writeSeq: 0, checkpoint: null, schemaVersion, oldestReader });
      const claimed = await store.claim(seen, { clientId: 'client-2', claim: 'c', nowMs: NOW_MS + 5 });
      expect(claimed).toMatchObject({ epoch: 2, writeSeq: 0, schemaVersion: SCHEMA_VERSION });
      expect(await store.write(writeId(old._id, 2, 1), patchOf(0, 2), NOW_MS + 6)).toEqual({ stored: true });
      expect(await store.load(old._id)).toMatchObject({ writeSeq: 1, nextIndex: 2 });
    });

    it('takes over what a newer release allows it to, keeps what it does not know, and lets no older one read it', async () => {
      const { store, put } = make();
      const newer = { schemaVersion: SCHEMA_VERSION + 1, oldestReader: SCHEMA_VERSION };
      const future = { sides: [1, 2], note: 'x' };
      const document = { ...aSession(), ...newer, future };
      await put(document);
      const seen = (await store.load(document._id)) as SessionRecord;
      expect(seen).toEqual(document);
      await store.claim(seen, { clientId: 'client-2', claim: 'c', nowMs: NOW_MS + 5 });
      await store.write(writeId(document._id, 2, 1), patchOf(0, 50), NOW_MS + 6);
      await store.write(writeId(document._id, 2, 2), patchOf(50, 51, { tailFull: true }), NOW_MS + 7);
      expect(await store.load(document._id)).toMatchObject({
        future,
        schemaVersion: SCHEMA_VERSION,
        oldestReader: SCHEMA_VERSION,
      });
      expect((await texts(store, document._id)).length).toBe(51);
    });
  });
}
