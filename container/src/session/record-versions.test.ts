import { expect, it } from 'vitest';
import { SCHEMA_VERSION, SESSIONS } from '../../../contract/records.ts';
import { oneSentence, Rig } from '../../testing/rig.ts';

const KEY = `${SESSIONS}/session-1`;
const NEXT = SCHEMA_VERSION + 1;
const TOO_NEW = { code: 'RECORD_TOO_NEW', retriable: true };

/** A session that a newer release has taken over since. @param oldestReader which releases it lets read it */
async function takenByNewer(oldestReader: number) {
  const rig = new Rig();
  const { peer, session } = await oneSentence(rig, '你好');
  const { store } = rig;
  const newer = { schemaVersion: NEXT, oldestReader, epoch: 2, claim: 'of-the-newer', future: { a: 1 } };
  store.documents.set(KEY, { ...store.documents.get(KEY), ...newer });
  return { rig, peer, session, document: () => structuredClone(store.documents.get(KEY)) };
}

it('an older instance refuses a session that it cannot read, so that the client comes to another one; nothing is changed', async () => {
  const { rig, document } = await takenByNewer(NEXT);
  const before = document();
  const other = new Rig({ store: rig.store, clock: rig.clock });
  await expect(other.start({ resume: { haveIndex: 0 } })).rejects.toMatchObject(TOO_NEW);
  expect(document()).toEqual(before);
  expect(other.manager.size).toBe(0);
});

it('also one that it had itself: it lets go of that, and does not take the refusal for a database that is away', async () => {
  const { rig, session, peer, document } = await takenByNewer(NEXT);
  const before = document();
  await expect(rig.start({ resume: { haveIndex: 0 } })).rejects.toMatchObject(TOO_NEW);
  expect([session.isOver, peer.closed, rig.manager.size]).toEqual([true, true, 0]);
  expect(document()).toEqual(before);
});

it('a write of the old owner meets the new one: it lets go, whatever the record holds by now', async () => {
  const { rig, session, document } = await takenByNewer(NEXT);
  const before = document();
  rig.asr.newest.say({ text: '再见', final: true, startMs: 2_500, endMs: 3_000 });
  await rig.clock.advance(1_000);
  expect(session.isOver).toBe(true);
  expect(document()).toEqual(before);
});

it('an ended session that it cannot read is refused, too: its sentences may stand elsewhere', async () => {
  const { rig } = await takenByNewer(NEXT);
  rig.store.documents.set(KEY, { ...rig.store.documents.get(KEY), state: 'completed' });
  const other = new Rig({ store: rig.store, clock: rig.clock });
  await expect(other.start({ resume: { haveIndex: -1 } })).rejects.toMatchObject(TOO_NEW);
});

it('what is deleted, cancelled or another’s is said to be so, whatever version it has', async () => {
  const { rig } = await takenByNewer(NEXT);
  const stored = rig.store.documents.get(KEY);
  const other = new Rig({ store: rig.store, clock: rig.clock });
  const code = (changes: object, openid?: string) => {
    rig.store.documents.set(KEY, { ...stored, ...changes });
    return other.start({ resume: { haveIndex: 0 } }, undefined, openid).catch((error) => error.code);
  };
  expect(await code({ deletedAt: new Date() })).toBe('SESSION_DELETED');
  expect(await code({ state: 'cancelled' })).toBe('SESSION_ENDED');
  expect(await code({}, 'oOther')).toBe('FORBIDDEN');
});

it('a newer version that says that this one may: the session goes on, and what is not known is kept', async () => {
  const { rig, document } = await takenByNewer(SCHEMA_VERSION);
  const other = new Rig({ store: rig.store, clock: rig.clock });
  const back = await other.start({ resume: { haveIndex: -1 } });
  expect(back.peer.shown).toEqual(['你好']);
  expect(document()).toMatchObject({
    schemaVersion: SCHEMA_VERSION,
    oldestReader: SCHEMA_VERSION,
    epoch: 3,
    future: { a: 1 },
  });
});
