import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { ERROR_ANSWER, HISTORY_ANSWERS, RECOGNIZE_ANSWERS, STATS_ANSWERS } from '../contract/answers.ts';
import { HTTP_API_BASE } from '../contract/http-api.ts';
import { SESSIONS } from '../contract/records.ts';
import { parseTicketKeys, signTicket } from '../contract/ticket.ts';
import { aWav } from './shared/testing/audio.ts';
import { recognitionForTests, TICKET_SECRET } from './shared/testing/functions-gateway.ts';
import { A, aSentence, aSession, B } from './shared/testing/records.ts';

const ALLOWED = 'https://app.example';
const { asr, gateway } = await recognitionForTests(['recognize', 'history', 'stats', 'ticket'], {
  functionEnv: { HTTP_ALLOWED_ORIGINS: `${ALLOWED}, https://other.example` },
});

const KEYS = parseTicketKeys(TICKET_SECRET);
let ticketOfA: string;
let ticketOfB: string;
beforeAll(async () => {
  ticketOfA = (await signTicket(A, KEYS)).ticket;
  ticketOfB = (await signTicket(B, KEYS)).ticket;
});

interface Asked {
  method?: string;
  ticket?: string | undefined;
  body?: string | FormData;
  headers?: Record<string, string>;
}

async function ask(path: string, { method, ticket = ticketOfA, body, headers = {} }: Asked = {}) {
  const response = await fetch(`${gateway.url}${HTTP_API_BASE}/${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(ticket && { authorization: `Bearer ${ticket}` }), ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    answer: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
  };
}
const post = (path: string, request: object, more: Asked = {}) =>
  ask(path, {
    body: JSON.stringify(request),
    ...more,
    headers: { 'content-type': 'application/json', ...more.headers },
  });

/** What a schema leaves of an answer: fields that the description does not have are missing in it. */
const described = (schema: v.GenericSchema, answer: unknown) => v.parse(schema, answer);

function upload(audio: Buffer, request?: object): FormData {
  const form = new FormData();
  if (request) form.set('request', JSON.stringify(request));
  form.set('audio', new Blob([audio]), 'a.wav');
  return form;
}

describe('GET asks for what only reads, by query', () => {
  test('history: the list by default, with numbers for what the schema wants as numbers', async () => {
    const told = { title: '周会', sentences: { 0: aSentence(0) } };
    const ids = ['s-00000001', 's-00000002', 's-00000003'];
    await gateway.seed(
      SESSIONS,
      ids.map((id) => aSession(id, told)),
    );
    const all = await ask('history');
    expect(all.status).toBe(200);
    expect(all.answer).toMatchObject({ items: [{}, {}, {}], cursor: null });
    expect(described(HISTORY_ANSWERS.list, all.answer)).toEqual(all.answer);
    const { answer } = await ask('history?action=list&limit=2');
    expect(answer?.items).toHaveLength(2);
    const rest = await ask(`history?action=list&cursor=${encodeURIComponent(String(answer?.cursor))}`);
    expect(rest.answer?.items).toHaveLength(1);
    const got = await ask('history?action=get&sessionId=s-00000001');
    expect(described(HISTORY_ANSWERS.get, got.answer)).toEqual(got.answer);
    const found = await ask(`history?action=search&query=${encodeURIComponent('周会')}`);
    expect(found.answer?.items).toHaveLength(3);
    expect(described(HISTORY_ANSWERS.search, found.answer)).toEqual(found.answer);
    const file = await ask('history?action=export&sessionId=s-00000001&format=srt');
    expect(described(HISTORY_ANSWERS.export, file.answer)).toEqual(file.answer);
  });

  test('stats: today by default', async () => {
    const today = await ask('stats');
    expect(today).toMatchObject({ status: 200, answer: { today: { sessions: 0 } } });
    expect(described(STATS_ANSWERS.today, today.answer)).toEqual(today.answer);
    const range = await ask('stats?action=range&from=2026-11-01&to=2026-11-03');
    expect(range.answer?.days).toHaveLength(3);
    expect(described(STATS_ANSWERS.range, range.answer)).toEqual(range.answer);
    const totals = await ask('stats?action=totals');
    expect(described(STATS_ANSWERS.totals, totals.answer)).toEqual(totals.answer);
  });

  test('recognize: the stored answer of an earlier request, which is not paid again', async () => {
    const body = upload(aWav({ ms: 1_000 }), { sessionId: 'oneshot-1', wordTimes: true });
    const posted = await ask('recognize', { body });
    expect(posted).toMatchObject({ status: 200, answer: { text: '你好，世界。' } });
    expect(described(RECOGNIZE_ANSWERS.recognize, posted.answer)).toEqual(posted.answer);
    expect((await ask('recognize?sessionId=oneshot-1')).answer).toEqual(posted.answer);
    expect(asr.calls).toHaveLength(1);
    expect(await ask('recognize?sessionId=oneshot-1', { ticket: ticketOfB })).toMatchObject({ status: 404 });
    expect(await ask('recognize?sessionId=oneshot-2')).toMatchObject({
      status: 404,
      answer: { code: 'NOT_FOUND' },
    });
  });

  test.each([
    ['history?action=delete&sessionId=s-00000001', 405, 'METHOD_NOT_ALLOWED', 'action'],
    ['history?action=deleteAll&confirm=true', 405, 'METHOD_NOT_ALLOWED', 'action'],
    ['recognize?action=recognize&fileID=cloud://x/y', 405, 'METHOD_NOT_ALLOWED', 'action'],
    ['recognize?action=prepare&sessionId=oneshot-1&format=wav', 405, 'METHOD_NOT_ALLOWED', 'action'],
    ['history?action=nonsense', 400, 'UNKNOWN_ACTION', undefined],
    ['history?action=constructor', 400, 'UNKNOWN_ACTION', undefined],
    ['history?limit=many', 400, 'BAD_REQUEST', 'limit'],
    ['history?limit=51', 400, 'BAD_REQUEST', 'limit'],
    ['history?action=get&sessionId=1', 400, 'BAD_REQUEST', 'sessionId'],
    ['stats?action=range&from=2026-02-30&to=2026-03-01', 400, 'BAD_REQUEST', 'from'],
    ['recognize', 400, 'BAD_REQUEST', 'sessionId'],
  ])('%s is refused', async (path, status, code, detail) => {
    const refused = await ask(path);
    expect(refused).toMatchObject({ status, answer: { code, ...(detail && { detail }) } });
    expect(described(ERROR_ANSWER, refused.answer)).toEqual(refused.answer);
    expect(refused.headers.get('allow')).toBe(status === 405 ? 'GET, POST, OPTIONS' : null);
  });
});

test('POST takes every action, as wx.cloud.callFunction does', async () => {
  await gateway.seed(SESSIONS, [aSession('s-00000001', { sentences: { 0: aSentence(0) } })]);
  const renamed = await post('history', { action: 'rename', sessionId: 's-00000001', title: '周会' });
  expect(described(HISTORY_ANSWERS.rename, renamed.answer)).toEqual(renamed.answer);
  const edited = await post('history', { action: 'edit', sessionId: 's-00000001', index: 0, text: '改过' });
  expect(described(HISTORY_ANSWERS.edit, edited.answer)).toEqual(edited.answer);
  const marked = await post('history', { action: 'marks', sessionId: 's-00000001', add: [1_000] });
  expect(described(HISTORY_ANSWERS.marks, marked.answer)).toEqual(marked.answer);
  const deleted = await post('history', { action: 'delete', sessionId: 's-00000001' });
  expect(described(HISTORY_ANSWERS.delete, deleted.answer)).toEqual(deleted.answer);
  const restored = await post('history', { action: 'restore', sessionId: 's-00000001' });
  expect(described(HISTORY_ANSWERS.restore, restored.answer)).toEqual(restored.answer);
  const prepared = await post('recognize', { action: 'prepare', sessionId: 'oneshot-1', format: 'wav' });
  expect(described(RECOGNIZE_ANSWERS.prepare, prepared.answer)).toEqual(prepared.answer);
  const names = ['s-00000001.1.16000.0.16000.adpcm'];
  const record = { sessionId: 's-00000001' };
  const place = await post('history', { action: 'prepareAudio', ...record, names });
  expect(described(HISTORY_ANSWERS.prepareAudio, place.answer)).toEqual(place.answer);
  const { cloudPath } = v.parse(HISTORY_ANSWERS.prepareAudio, place.answer).files[0] ?? { cloudPath: '' };
  const { fileID } = await gateway.cloud.uploadFile({ cloudPath, fileContent: Buffer.from('sound') });
  const kept = await post('history', { action: 'keepAudio', ...record, fileIDs: [fileID] });
  expect(described(HISTORY_ANSWERS.keepAudio, kept.answer)).toEqual(kept.answer);
  const audio = await post('history', { action: 'audio', ...record, names });
  expect(described(HISTORY_ANSWERS.audio, audio.answer)).toEqual(audio.answer);
  const removed = await post('history', { action: 'removeAudio', ...record });
  expect(described(HISTORY_ANSWERS.removeAudio, removed.answer)).toEqual(removed.answer);
  const all = await post('history', { action: 'deleteAll', confirm: true });
  expect(described(HISTORY_ANSWERS.deleteAll, all.answer)).toEqual(all.answer);
  expect(
    [renamed, edited, marked, deleted, restored, prepared, place, kept, audio, removed, all].map(
      ({ status }) => status,
    ),
  ).toEqual(Array(11).fill(200));
});

test.each(['PUT', 'DELETE', 'PATCH'])(
  '%s is refused, and the methods that there are, are named',
  async (method) => {
    const refused = await ask('history', { method });
    expect(refused).toMatchObject({
      status: 405,
      answer: { code: 'METHOD_NOT_ALLOWED', detail: 'httpMethod' },
    });
    expect(refused.headers.get('allow')).toBe('GET, POST, OPTIONS');
  },
);

test('without a good ticket every function answers 401 and says which scheme it wants', async () => {
  for (const path of ['history', 'stats', 'recognize?sessionId=oneshot-1']) {
    const refused = await ask(path, { ticket: '' });
    expect(refused).toMatchObject({ status: 401, answer: { code: 'UNAUTHENTICATED' } });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(await ask(path, { ticket: 'x.y.z' })).toMatchObject({
      status: 401,
      answer: { code: 'TICKET_INVALID' },
    });
    // a ticket in the address would be in every log
    expect(
      await ask(`${path}${path.includes('?') ? '&' : '?'}ticket=${ticketOfA}`, { ticket: '' }),
    ).toMatchObject({ status: 401 });
  }
});

test.each(['GET', 'POST', 'PUT'])('no ticket over HTTP, by %s, whoever asks', async (method) => {
  for (const ticket of ['', ticketOfA])
    expect(await ask('ticket', { method, ticket })).toMatchObject({
      status: 403,
      answer: { code: 'FORBIDDEN', detail: 'http' },
    });
});

test('what is not part of the API is not found', async () => {
  for (const path of ['', 'nothing', 'stream', 'history2'])
    expect((await fetch(`${gateway.url}${HTTP_API_BASE}/${path}`)).status).toBe(404);
  expect((await fetch(`${gateway.url}/history`)).status).toBe(404);
});

describe('pages of other origins', () => {
  const preflight = (origin: string) =>
    ask('history', {
      method: 'OPTIONS',
      ticket: '',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  test('an origin on the list may ask and read', async () => {
    const { status, headers, answer } = await preflight(ALLOWED);
    expect([status, answer]).toEqual([204, undefined]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': ALLOWED,
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'authorization, content-type',
      vary: 'origin',
    });
    const answered = await ask('history', { headers: { origin: ALLOWED } });
    expect([answered.status, answered.headers.get('access-control-allow-origin')]).toEqual([200, ALLOWED]);
    // also what is refused, so that the page can read why
    const refused = await ask('history', { ticket: '', headers: { origin: ALLOWED } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, ALLOWED]);
  });

  test.each(['https://evil.example', 'http://app.example', 'null', 'https://app.example.evil.example'])(
    '%s may not',
    async (origin) => {
      const refused = await preflight(origin);
      expect(refused).toMatchObject({ status: 403, answer: { code: 'FORBIDDEN', detail: 'origin' } });
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
      const { headers } = await ask('history', { headers: { origin } });
      expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([null, 'origin']);
    },
  );
});
