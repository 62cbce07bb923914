import { expect, test } from 'vitest';
import { parseTicketKeys, signTicket } from '../../contract/ticket.ts';
import { aWav } from '../shared/testing/audio.ts';
import { recognitionForTests, TICKET_SECRET } from '../shared/testing/functions-gateway.ts';
import { A } from '../shared/testing/records.ts';

const { asr, gateway } = await recognitionForTests(['recognize', 'history']);

const { ticket } = await signTicket(A, parseTicketKeys(TICKET_SECRET));

/** What HTTP access takes as text, bytes (docs.cloudbase.net, EXCEED_MAX_PAYLOAD_SIZE). */
const MAX_TEXT_BYTES = 100 * 1024;

async function post(name: string, body: string | FormData | Buffer, type?: string) {
  const response = await fetch(`${gateway.url}/_local/http/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ticket}`, ...(type && { 'content-type': type }) },
    body: body as RequestInit['body'],
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}
const json = (name: string, data: object) => post(name, JSON.stringify(data), 'application/json');

function form(audio: Buffer, request?: string): FormData {
  const data = new FormData();
  if (request !== undefined) data.set('request', request);
  data.set('audio', new Blob([audio]), 'a.wav');
  return data;
}

test('a text body of up to 100 KB is taken, and a larger one is refused with what to do instead', async () => {
  const audio = aWav({ ms: 1_000 }).toString('base64');
  expect(await json('recognize', { audio })).toMatchObject({ status: 200, answer: { text: '你好，世界。' } });
  const large = JSON.stringify({ audio: aWav({ ms: 3_000 }).toString('base64') });
  expect(large.length).toBeGreaterThan(MAX_TEXT_BYTES);
  const refused = await post('recognize', large, 'application/json');
  expect(refused).toMatchObject({ status: 413, answer: { code: 'BODY_TOO_LARGE', retriable: false } });
  expect(refused.answer.message).toMatch(/100 KB.*multipart\/form-data.*fileID/);
  expect(asr.calls).toHaveLength(1);
});

test('a file comes as multipart, of any size that one recognition takes', async () => {
  const audio = aWav({ ms: 59_000 });
  const request = JSON.stringify({ sessionId: 'oneshot-1', title: '会议' });
  const { status, answer } = await post('recognize', form(audio, request));
  expect([status, answer]).toEqual([
    200,
    { sessionId: 'oneshot-1', text: '你好，世界。', durationMs: 59_000 },
  ]);
  expect(asr.calls[0]?.params).toMatchObject({ DataLen: audio.length });
  expect((await json('history', { action: 'get', sessionId: 'oneshot-1' })).answer).toMatchObject({
    session: { title: '会议' },
  });
  expect((await post('recognize', form(aWav()))).status).toBe(200);
});

test.each([
  ['a request that is no JSON', form(aWav(), '{'), undefined],
  ['a request that is no object', form(aWav(), '[]'), undefined],
  ['no parts', Buffer.from('x'), 'multipart/form-data; boundary=b'],
  ['no boundary', Buffer.from('x'), 'multipart/form-data'],
])('multipart with %s is refused', async (_, body, type) => {
  expect(await post('recognize', body, type)).toMatchObject({
    status: 400,
    answer: { code: 'BAD_REQUEST', detail: 'body' },
  });
});

test('fields that no document names are ignored, since the platform may add some', async () => {
  const known = { audio: aWav().toString('base64') };
  const more = { userInfo: { openId: 'x' }, tcbContext: {}, $url: '/x', addedTomorrow: [1] };
  expect(await json('recognize', { ...known, ...more })).toMatchObject({ status: 200 });
  expect(await gateway.as(A)('history', { action: 'list', ...more })).toMatchObject({ cursor: null });
});
