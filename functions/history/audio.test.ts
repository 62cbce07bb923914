import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { audioUploadName } from '../../contract/audio-file.ts';
import { uploadFolder } from '../../contract/functions.ts';
import { MAX_AUDIO_FILES, RESTORE_WITHIN_MS } from '../../contract/limits.ts';
import { KEPT_AHEAD_MS, SESSIONS, UPLOADS, uploadId } from '../../contract/records.ts';
import { NEW_RECORD } from '../../records/schema-version.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aSession, B } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);
afterEach(() => gateway.faults.clear());
beforeEach(() => gateway.seed(SESSIONS, [aSession('session-1'), aSession('session-2')]));

const DAY_MS = 86_400_000;
const history = (data: object, openid = A) =>
  gateway.as(openid)('history', { sessionId: 'session-1', ...data });
const nameAt = (second: number, sessionId = 'session-1') =>
  `${sessionId}.1763650000000.16000.${second * 16_000}.480000.adpcm`;
const content = (name: string) => Buffer.from(`the sound of ${name}`);

/** Uploads files as a phone does, up to the report. @returns their ids */
async function uploaded(names: string[], sessionId = 'session-1'): Promise<string[]> {
  const { files } = await history({ action: 'prepareAudio', sessionId, names });
  const ids: string[] = [];
  for (const { name, cloudPath } of files as { name: string; cloudPath: string }[])
    ids.push((await gateway.cloud.uploadFile({ cloudPath, fileContent: content(name) })).fileID);
  return ids;
}
/** The same with the report. */
async function kept(names: string[], sessionId = 'session-1'): Promise<string[]> {
  const fileIDs = await uploaded(names, sessionId);
  expect(await history({ action: 'keepAudio', sessionId, fileIDs })).toEqual({ kept: names, missing: [] });
  return fileIDs;
}
async function exists(fileID: string): Promise<boolean> {
  const { fileList } = await gateway.cloud.getTempFileURL({ fileList: [fileID] });
  const url = fileList[0]?.tempFileURL;
  return Boolean(url) && (await fetch(url ?? '')).ok;
}
const change = (collection: string, _id: string, patch: object) =>
  gateway.db.collection(collection).doc(_id).update(patch);
const longAgo = (changes: object = {}) => ({ ...changes, updatedAt: new Date(0) });
const namesOf = async (sessionId = 'session-1'): Promise<string[]> =>
  (await history({ action: 'audio', sessionId })).files.map(({ name }: { name: string }) => name);

describe('the audio of a record', () => {
  test("is uploaded below the caller's folder, listed, and read by its address", async () => {
    const names = [nameAt(0), nameAt(30)];
    const { files } = await history({ action: 'prepareAudio', names });
    expect(files).toEqual(
      names.map((name) => ({ name, cloudPath: `${uploadFolder(A)}audio/${name}`, kept: false })),
    );
    const fileIDs = await kept(names);
    expect(await history({ action: 'audio' })).toEqual({
      files: names.map((name, i) => ({ name, fileID: fileIDs[i] })),
    });
    const asked = await history({ action: 'audio', names: [nameAt(30), nameAt(60)] });
    expect(asked.files).toMatchObject([{ name: nameAt(30), url: expect.any(String) }]);
    const answer = await fetch(asked.files[0].url);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(content(nameAt(30)));
  });

  test('that is on its way is not listed, and what was reported need not be uploaded again', async () => {
    await uploaded([nameAt(0)]);
    expect(await namesOf()).toEqual([]);
    await kept([nameAt(30)]);
    const again = await history({ action: 'prepareAudio', names: [nameAt(0), nameAt(30)] });
    expect(again.files.map((file: { kept: boolean }) => file.kept)).toEqual([false, true]);
    expect(gateway.dump(UPLOADS)).toHaveLength(2);
    expect(await namesOf()).toEqual([nameAt(30)]);
  });

  test('stays though nobody asks for it, while what was never reported goes after a day', async () => {
    const [reported = ''] = await kept([nameAt(0)]);
    const [lost = ''] = await uploaded([nameAt(30)]);
    for (const { _id, preparedAt } of gateway.dump(UPLOADS))
      await change(UPLOADS, String(_id), { preparedAt: new Date(Number(preparedAt) - 2 * DAY_MS) });
    expect(await gateway.timer('history', 'purge')).toMatchObject({ files: 1 });
    expect([await exists(reported), await exists(lost)]).toEqual([true, false]);
    expect(await namesOf()).toEqual([nameAt(0)]);
    // the phone reports it after all
    expect(await history({ action: 'keepAudio', fileIDs: [lost] })).toEqual({
      kept: [],
      missing: [nameAt(30)],
    });
    expect(await namesOf()).toEqual([nameAt(0)]);
  });

  test('is there again when the record is restored, and gone when it is purged', async () => {
    const ids = await kept([nameAt(0), nameAt(30)]);
    const [other = ''] = await kept([nameAt(0, 'session-2')], 'session-2');
    await history({ action: 'delete' });
    expect(await history({ action: 'audio' })).toMatchObject({ code: 'NOT_FOUND' });
    await gateway.timer('history', 'purge');
    await history({ action: 'restore' });
    expect(await namesOf()).toEqual([nameAt(0), nameAt(30)]);
    expect(await exists(ids[0] ?? '')).toBe(true);
    await history({ action: 'delete' });
    await change(SESSIONS, 'session-1', { deletedAt: new Date(Date.now() - 2 * RESTORE_WITHIN_MS) });
    expect(await gateway.timer('history', 'purge')).toMatchObject({ purged: 1, files: 2 });
    expect([gateway.session('session-1'), await exists(ids[0] ?? ''), await exists(ids[1] ?? '')]).toEqual([
      undefined,
      false,
      false,
    ]);
    expect(await exists(other)).toBe(true);
    expect(gateway.dump(UPLOADS)).toHaveLength(1);
  });

  test('goes with a cancelled session, and with all data', async () => {
    const [cancelled = ''] = await kept([nameAt(0)]);
    await change(SESSIONS, 'session-1', longAgo({ state: 'cancelled' }));
    expect(await gateway.timer('history', 'purge')).toMatchObject({ cancelled: 1, files: 1 });
    const [left = ''] = await kept([nameAt(0, 'session-2')], 'session-2');
    expect(await history({ action: 'deleteAll', confirm: true })).toMatchObject({ deleted: { files: 1 } });
    expect([await exists(cancelled), await exists(left), gateway.dump(UPLOADS)]).toEqual([false, false, []]);
  });

  test.each(['removeAudio', 'removeAllAudio'])('is deleted by %s, and the text stays', async (action) => {
    const [one = ''] = await kept([nameAt(0)]);
    const [two = ''] = await kept([nameAt(0, 'session-2')], 'session-2');
    const all = action === 'removeAllAudio';
    expect(await history({ action, confirm: true })).toEqual({ done: true, files: all ? 2 : 1 });
    expect(await history({ action, confirm: true })).toEqual({ done: true, files: 0 });
    expect([await exists(one), await exists(two)]).toEqual([false, !all]);
    expect((await history({ action: 'get' })).session).toMatchObject({ sessionId: 'session-1' });
    // what is uploaded after that is nobody's, and goes when it is reported
    await gateway.cloud.uploadFile({
      cloudPath: `${uploadFolder(A)}audio/${nameAt(0)}`,
      fileContent: content('late'),
    });
    expect(await history({ action: 'keepAudio', fileIDs: [one] })).toEqual({
      kept: [],
      missing: [nameAt(0)],
    });
    expect(await exists(one)).toBe(false);
  });

  test('of hours is deleted in few requests', async () => {
    const names = Array.from({ length: 120 }, (_, i) => nameAt(30 * i));
    const root = ((await kept([nameAt(9_000)]))[0] ?? '').split('voice/')[0];
    const preparedAt = new Date(Date.now() + KEPT_AHEAD_MS);
    await gateway.seed(
      UPLOADS,
      names.map((name) => ({
        ...NEW_RECORD,
        _id: uploadId(A, audioUploadName(name)),
        _openid: A,
        cloudPath: `${uploadFolder(A)}${audioUploadName(name)}`,
        sessionId: 'session-1',
        root,
        preparedAt,
      })),
    );
    gateway.counters.reset();
    expect(await history({ action: 'removeAudio' })).toEqual({ done: true, files: 121 });
    expect(gateway.counters.byAction['storage.batchDeleteFile']).toBe(3);
  });
});

test('an id that was made up keeps nothing from being deleted, and the timer from nothing', async () => {
  const [own = ''] = await uploaded([nameAt(0)]);
  const forged = own.replace(/^cloud:\/\/[^/]+/, `cloud://${gateway.envId}.nowhere`);
  expect(await history({ action: 'keepAudio', fileIDs: [forged] })).toMatchObject({ kept: [nameAt(0)] });
  await history({ action: 'delete' });
  await change(SESSIONS, 'session-1', { deletedAt: new Date(0) });
  expect(await gateway.timer('history', 'purge')).toMatchObject({ purged: 1, files: 1 });
  expect([await exists(own), gateway.dump(UPLOADS)]).toEqual([false, []]);
});

test('while the storage is away records without audio are purged, and the others later', async () => {
  await kept([nameAt(0)]);
  for (const id of ['session-1', 'session-2']) await change(SESSIONS, id, { deletedAt: new Date(0) });
  gateway.faults.set({ rules: [{ match: 'storage.*', effect: 'refuse' }] });
  expect(await gateway.timer('history', 'purge')).toMatchObject({ purged: 1, files: 0 });
  expect(gateway.session('session-1')).toBeDefined();
  gateway.faults.clear();
  expect(await gateway.timer('history', 'purge')).toMatchObject({ purged: 1, files: 1 });
});

describe('is refused', () => {
  test("a record that is not the caller's, is deleted, or does not exist", async () => {
    const fileIDs = await kept([nameAt(0)]);
    for (const [action, data] of [
      ['prepareAudio', { names: [nameAt(0)] }],
      ['audio', {}],
      ['removeAudio', {}],
    ] as const) {
      expect(await history({ action, ...data }, B)).toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await history({ action: 'keepAudio', fileIDs }, B)).toMatchObject({ code: 'FORBIDDEN' });
    await history({ action: 'delete' });
    expect(await history({ action: 'prepareAudio', names: [nameAt(0)] })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await exists(fileIDs[0] ?? '')).toBe(true);
  });

  test.each([
    ['names', []],
    ['names', Array.from({ length: 21 }, (_, i) => nameAt(i))],
    ['names', [nameAt(0, 'session-2')]],
    ['names.0', ['session-1/../../oUserB/x.adpcm']],
    ['names.0', ['session-1.1.16000.0.480001.adpcm']],
    ['names.0', ['session-1.1.16000.0.480000.exe']],
  ])('a name that is none (%s)', async (detail, names) => {
    expect(await history({ action: 'prepareAudio', names })).toMatchObject({ code: 'BAD_REQUEST', detail });
    expect(gateway.dump(UPLOADS)).toEqual([]);
  });

  test('a report of a file that is elsewhere, and it is not deleted', async () => {
    const [own = ''] = await kept([nameAt(0)]);
    const root = own.slice(0, own.indexOf('voice/'));
    const fileContent = content('other');
    const { fileID } = await gateway.cloud.uploadFile({ cloudPath: `${uploadFolder(A)}a.wav`, fileContent });
    const nested = `${root}${uploadFolder(A)}x/${nameAt(0)}`;
    for (const fileIDs of [[fileID], [nested], [own.replace('session-1', 'session-2')]])
      expect(await history({ action: 'keepAudio', fileIDs })).toMatchObject({ code: 'BAD_REQUEST' });
    const theirs = own.replace(`/${A}/`, `/${B}/`);
    expect(await history({ action: 'keepAudio', fileIDs: [theirs] })).toMatchObject({ code: 'FORBIDDEN' });
    expect([await exists(fileID), await exists(own)]).toEqual([true, true]);
  });

  test('more of one record than there may be', async () => {
    await gateway.seed(
      UPLOADS,
      Array.from({ length: MAX_AUDIO_FILES - 1 }, (_, i) => ({
        ...NEW_RECORD,
        _id: uploadId(A, audioUploadName(nameAt(i))),
        _openid: A,
        cloudPath: `${uploadFolder(A)}${audioUploadName(nameAt(i))}`,
        sessionId: 'session-1',
        preparedAt: new Date(),
      })),
    );
    const prepare = (names: string[]) => history({ action: 'prepareAudio', names });
    expect(await prepare([nameAt(5_000), nameAt(5_030)])).toMatchObject({
      code: 'TOO_LARGE',
      detail: 'names',
    });
    expect((await prepare([nameAt(0), nameAt(5_000)])).files).toHaveLength(2);
  });
});

test('a preparation that arrives after the report does not make it forgotten', async () => {
  const writes = () => gateway.counters.byAction['database.modifyDocument'] ?? 0;
  await uploaded([nameAt(0)]);
  gateway.faults.set({
    rules: [
      { match: 'database.modifyDocument', collection: UPLOADS, effect: 'late', lateMs: 1_500, times: 1 },
    ],
  });
  expect(await history({ action: 'prepareAudio', names: [nameAt(0)] })).toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
  await kept([nameAt(0)]);
  const before = gateway.dump(UPLOADS);
  const count = writes();
  await expect.poll(writes, { timeout: 10_000, interval: 5 }).toBe(count + 1);
  expect(gateway.dump(UPLOADS)).toEqual(before);
});

test('a removal that arrives late does not forget what was uploaded anew', async () => {
  const removals = () => gateway.counters.byAction['database.removeDocument'] ?? 0;
  await kept([nameAt(0)]);
  gateway.faults.set({
    rules: [
      { match: 'database.removeDocument', collection: UPLOADS, effect: 'late', lateMs: 2_000, times: 1 },
    ],
  });
  expect(await history({ action: 'removeAudio' })).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await history({ action: 'removeAudio' });
  const [again = ''] = await kept([nameAt(0)]);
  const count = removals();
  await expect.poll(removals, { timeout: 10_000, interval: 5 }).toBe(count + 1);
  expect([await namesOf(), await exists(again)]).toEqual([[nameAt(0)], true]);
});

test('removing the audio of a record reads its own files, however many others have', async () => {
  await kept([nameAt(0), nameAt(30)]);
  const others = Array.from({ length: 300 }, (_, at) => {
    const name = audioUploadName(nameAt(at, 'session-2'));
    const own = { sessionId: 'session-2', cloudPath: `${uploadFolder(A)}${name}`, preparedAt: new Date() };
    return { ...NEW_RECORD, _id: uploadId(A, name), _openid: A, ...own };
  });
  await gateway.seed(UPLOADS, others);
  const read = await gateway.documentsRead(async () => {
    expect(await history({ action: 'removeAudio' })).toEqual({ done: true, files: 2 });
  });
  // the record; two files that are found, and taken off the record
  expect(read).toBe(1 + 2 + 2);
});
