import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Signer } from '@cloudbase/signature-nodejs';
import { describe, expect, it } from 'vitest';
import { connect, ENV_ID, refusal, startTestGateway } from './testing/start.ts';

describe('signatures', () => {
  it.each([
    ['a wrong key', { secretId: 'AKIDlocal', secretKey: 'other' }],
    ['an unknown secret id', { secretId: 'AKIDother', secretKey: 'local-key' }],
  ])('%s is refused', async (_, keys) => {
    const gateway = await startTestGateway();
    const add = connect(gateway.adminUrl, keys).database().collection('notes').add({ n: 1 });
    expect(await refusal(add)).toContain('SIGN_PARAM_INVALID');
    expect(gateway.dump('notes')).toEqual([]);
  });

  it('an unsigned request is refused', async () => {
    const gateway = await startTestGateway();
    const body = JSON.stringify({ action: 'database.getDocument', collectionName: 'notes', query: '{}' });
    const answer = await fetch(gateway.adminUrl, { method: 'POST', body });
    expect(await answer.json()).toMatchObject({ code: 'SIGN_PARAM_INVALID' });
  });
});

describe('API keys', () => {
  /** What the SDK does in a process with this environment. */
  const add = (env: Record<string, string>) =>
    promisify(execFile)(
      process.execPath,
      [
        '-e',
        `const tcb = require('@cloudbase/node-sdk');
        const app = tcb.init({ env: tcb.SYMBOL_CURRENT_ENV });
        app.database().collection('notes').add({ _id: 'from-a-container' })
          .then(({ code }) => console.log(code ?? 'stored'), ({ code }) => console.log(code));`,
      ],
      { env: { PATH: process.env.PATH, ...env } },
    ).then(({ stdout }) => stdout.trim());

  it('are all that a container needs, without a key that signs', async () => {
    const gateway = await startTestGateway({ apiKeys: new Set(['local-api-key']) });
    const env = gateway.containerEnv();
    expect(env).toMatchObject({ CLOUDBASE_APIKEY: 'local-api-key', TCB_ENV: ENV_ID });
    expect(env).not.toHaveProperty('TENCENTCLOUD_SECRETID');
    expect(env).not.toHaveProperty('TENCENTCLOUD_SECRETKEY');
    expect(await add(env)).toBe('stored');
    expect(gateway.dump('notes')).toEqual([{ _id: 'from-a-container' }]);
  });

  it('that are wrong or revoked are refused, as a wrong signature is', async () => {
    const apiKeys = new Set(['local-api-key']);
    const gateway = await startTestGateway({ apiKeys });
    const env = gateway.containerEnv();
    expect(await add({ ...env, CLOUDBASE_APIKEY: 'another' })).toBe('SIGN_PARAM_INVALID');
    apiKeys.clear();
    expect(await add(env)).toBe('SIGN_PARAM_INVALID');
    expect(gateway.dump('notes')).toEqual([]);
  });
});

/** A request as the SDK signs it, for what the SDK itself would not send. */
async function signedPost(adminUrl: string, params: object, timestamp = Math.floor(Date.now() / 1000)) {
  const headers = { 'content-type': 'application/json', host: new URL(adminUrl).host };
  const signer = new Signer({ secretId: 'AKIDlocal', secretKey: 'local-key' }, 'tcb');
  const { authorization } = signer.tc3sign('post', adminUrl, headers, params, timestamp, {
    withSignedParams: true,
  });
  const answer = await fetch(adminUrl, {
    method: 'POST',
    headers: { ...headers, authorization, 'x-timestamp': String(timestamp) },
    body: JSON.stringify(params),
  });
  return (await answer.json()) as { code?: string; data?: { list: string[] } };
}

it('a signature holds for ten minutes', async () => {
  const gateway = await startTestGateway();
  const query = { action: 'database.getDocument', collectionName: 'notes', query: '{}' };
  const now = Math.floor(Date.now() / 1000);
  expect((await signedPost(gateway.adminUrl, query, now - 500)).data?.list).toEqual([]);
  expect((await signedPost(gateway.adminUrl, query, now - 700)).code).toBe('SIGN_PARAM_INVALID');
});

describe('queries', () => {
  it('for more than 1000 documents are refused', async () => {
    const gateway = await startTestGateway();
    const ask = (limit: number) =>
      signedPost(gateway.adminUrl, {
        action: 'database.getDocument',
        collectionName: 'notes',
        query: '{}',
        limit,
      });
    expect((await ask(1000)).data?.list).toEqual([]);
    expect((await ask(1001)).code).toBe('INVALID_PARAM');
  });

  it('give 100 documents unless asked otherwise, and at most 1000', async () => {
    const gateway = await startTestGateway();
    const notes = connect(gateway.adminUrl).database().collection('notes');
    await notes.add(Array.from({ length: 1100 }, (_, n) => ({ n })));
    expect((await notes.get()).data).toHaveLength(100);
    expect((await notes.limit(1000).get()).data).toHaveLength(1000);
    expect((await notes.count()).total).toBe(1100);
  });

  it('count the documents that they examine, by request and by collection', async () => {
    const gateway = await startTestGateway();
    const notes = connect(gateway.adminUrl).database().collection('notes');
    await notes.add(Array.from({ length: 50 }, (_, n) => ({ owner: n % 2 ? 'a' : 'b', at: new Date(n) })));
    gateway.counters.reset();
    await notes.where({ owner: 'a' }).orderBy('at', 'desc').limit(5).get();
    await notes.where({ at: new Date(7) }).get();
    const { recent, ...values } = (await (await fetch(`${gateway.url}/_local/counters`)).json()) as Record<
      string,
      unknown
    >;
    expect(values).toMatchObject({ requests: 2, documentsRead: 55, documentsReadIn: { notes: 55 } });
    expect(recent).toMatchObject([{ documentsRead: { notes: 5 } }, { documentsRead: { notes: 50 } }]);
  });

  it('find what the gateway began with, by the declared indexes', async () => {
    const own = Array.from({ length: 50 }, (_, n) => ({ _id: `n${n}`, owner: 'a', at: new Date(n) }));
    const documents = new Map([['notes', new Map(own.map((doc) => [doc._id, doc]))]]);
    const gateway = await startTestGateway({ documents });
    const notes = connect(gateway.adminUrl).database().collection('notes');
    const newest = await notes.where({ owner: 'a' }).orderBy('at', 'desc').limit(2).get();
    expect(newest.data).toMatchObject([{ _id: 'n49' }, { _id: 'n48' }]);
    expect(gateway.counters.documentsRead).toBe(2);
  });

  it('match, order and limit of an aggregation use the indexes', async () => {
    const gateway = await startTestGateway();
    const db = connect(gateway.adminUrl).database();
    await db
      .collection('notes')
      .add(Array.from({ length: 50 }, (_, n) => ({ owner: n % 2 ? 'a' : 'b', at: new Date(n) })));
    gateway.counters.reset();
    const newest = await db
      .collection('notes')
      .aggregate()
      .match({ owner: 'a' })
      .sort({ at: -1 })
      .limit(3)
      .end();
    expect(newest.data.map(({ at }: { at: Date }) => at.getTime())).toEqual([49, 47, 45]);
    expect(gateway.counters.documentsRead).toBe(3);
    await db
      .collection('notes')
      .aggregate()
      .match({ owner: 'a' })
      .group({ _id: null, n: { $sum: 1 } })
      .end();
    expect(gateway.counters.documentsRead).toBe(3 + 25);
  });
});

describe('updateAndReturn', () => {
  it('gives the document after the change, even if it matches no longer or did not change', async () => {
    const gateway = await startTestGateway();
    const notes = connect(gateway.adminUrl).database().collection('notes');
    await notes.add({ _id: 'a', state: 'live' });
    const end = await notes.where({ state: 'live' }).updateAndReturn({ state: 'ended' });
    expect(end).toMatchObject({ updated: 1, doc: { _id: 'a', state: 'ended' } });
    expect(await notes.where({ _id: 'a' }).updateAndReturn({ state: 'ended' })).toMatchObject({ updated: 1 });
    expect(await notes.where({ _id: 'b' }).updateAndReturn({ state: 'ended' })).toMatchObject({ updated: 0 });
  });
});

describe('storage', () => {
  const cloudPath = 'voice/oLocalUserA/会议 录音#1.wav';

  it('keeps files under any name, hands out addresses, deletes', async () => {
    const gateway = await startTestGateway();
    const app = connect(gateway.adminUrl);
    const { fileID } = await app.uploadFile({ cloudPath, fileContent: Buffer.from('声音') });
    expect(fileID).toMatch(/^cloud:\/\/local-test\..*会议 录音#1\.wav$/);
    expect(String((await app.downloadFile({ fileID })).fileContent)).toBe('声音');
    const urls = await app.getTempFileURL({ fileList: [fileID, 'cloud://other.env/none'] });
    expect(urls.fileList.map(({ code }) => code)).toEqual(['SUCCESS', 'STORAGE_FILE_NONEXIST']);
    expect((await app.deleteFile({ fileList: [fileID, fileID] })).fileList.map(({ code }) => code)).toEqual([
      'SUCCESS',
      'STORAGE_FILE_NONEXIST',
    ]);
  });

  it('an address without its signature, or for another file, opens nothing', async () => {
    const gateway = await startTestGateway();
    const app = connect(gateway.adminUrl);
    const { fileID } = await app.uploadFile({ cloudPath: 'a.txt', fileContent: Buffer.from('a') });
    const url = (await app.getTempFileURL({ fileList: [fileID] })).fileList[0]?.tempFileURL ?? '';
    expect((await fetch(url)).status).toBe(200);
    const other = Buffer.from('b.txt').toString('base64url');
    expect((await fetch(url.replace(/_download\/[^?]+/, `_download/${other}`))).status).toBe(403);
    expect((await fetch(url.split('?')[0] ?? '')).status).toBe(403);
    expect((await fetch(`${gateway.url}/_upload/a.txt`, { method: 'PUT', body: 'x' })).status).toBe(403);
  });

  it('takes uploads of the browser page for a user', async () => {
    const gateway = await startTestGateway();
    const path = encodeURIComponent(cloudPath);
    const answer = await fetch(`${gateway.url}/_local/upload?user=A&path=${path}`, {
      method: 'POST',
      body: '声音',
    });
    const { fileID } = (await answer.json()) as { fileID: string };
    expect(String((await connect(gateway.adminUrl).downloadFile({ fileID })).fileContent)).toBe('声音');
    const refused = async (wrong: string): Promise<number> => {
      const query = new URLSearchParams({ user: 'A', path: wrong });
      return (await fetch(`${gateway.url}/_local/upload?${query}`, { method: 'POST', body: 'x' })).status;
    };
    expect(await refused('../x')).toBe(400);
    expect(await refused('voice/oLocalUserA/../oLocalUserB/x.wav')).toBe(400);
    expect(await refused('voice/oLocalUserB/x.wav')).toBe(403);
    expect(await refused('x.wav')).toBe(403);
  });

  it('gives the browser page what its user has uploaded, and nothing of another', async () => {
    const gateway = await startTestGateway();
    const app = connect(gateway.adminUrl);
    const { fileID } = await app.uploadFile({ cloudPath, fileContent: Buffer.from('声音') });
    const download = (user: string, id: string) =>
      fetch(`${gateway.url}/_local/download?${new URLSearchParams({ user, fileID: id })}`, {
        method: 'POST',
      });
    expect(await (await download('A', fileID)).text()).toBe('声音');
    const refused = async (...asked: [user: string, id: string]) => (await download(...asked)).status;
    expect(await refused('B', fileID)).toBe(403);
    expect(await refused('A', fileID.replace('cloud://', 'cloud://other-'))).toBe(403);
    expect(await refused('A', `${fileID}.gone`)).toBe(404);
  });
});

it('GET /_local/document gives one document, 404 where there is none', async () => {
  const gateway = await startTestGateway();
  await connect(gateway.adminUrl).database().collection('notes').add({ _id: 'a', n: 1 });
  const get = (path: string) => fetch(`${gateway.url}/_local/document/${path}`);
  expect(await (await get('notes/a')).json()).toEqual({ _id: 'a', n: 1 });
  expect((await get('notes/b')).status).toBe(404);
});

it('GET /_local/dump shows what is committed, dates as extended JSON', async () => {
  const gateway = await startTestGateway();
  await connect(gateway.adminUrl)
    .database()
    .collection('notes')
    .add({ _id: 'a', at: new Date(0), n: 1 });
  const dump = await (await fetch(`${gateway.url}/_local/dump/notes`)).json();
  expect(dump).toEqual([{ _id: 'a', at: { $date: '1970-01-01T00:00:00Z' }, n: 1 }]);
  expect((await fetch(`${gateway.url}/_local/dump/nowhere`)).status).toBe(400);
});

it('malformed requests are refused and hurt nobody', async () => {
  const gateway = await startTestGateway();
  for (const body of ['', 'null', '[]', '{"action":7}', '\u0000']) {
    const answer = await fetch(gateway.adminUrl, { method: 'POST', body });
    expect(await answer.json()).toHaveProperty('code');
  }
  expect((await fetch(`${gateway.url}/%E0%A4%A`)).status).toBe(400);
  expect((await fetch(`${gateway.url}/_local/constructor/x`)).status).toBe(404);
});

it('sdkEnv is all that a process needs', async () => {
  const gateway = await startTestGateway();
  expect(gateway.sdkEnv()).toMatchObject({ TCB_ENV: 'local-test', TENCENTCLOUD: 'true', SILENCE: 'true' });
  const script = `
    const tcb = require('@cloudbase/node-sdk');
    const app = tcb.init({ env: tcb.SYMBOL_CURRENT_ENV });
    app.database().collection('notes').add({ _id: 'from-outside' }).then(() => process.exit(0));`;
  await promisify(execFile)(process.execPath, ['-e', script], {
    env: { PATH: process.env.PATH, ...gateway.sdkEnv() },
  });
  expect(gateway.dump('notes')).toEqual([{ _id: 'from-outside' }]);
});
