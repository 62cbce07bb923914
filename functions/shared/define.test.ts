import * as v from 'valibot';
import { describe, expect, test, vi } from 'vitest';
import { VoiceError } from '../../contract/errors.ts';
import { parseTicketKeys, signTicket } from '../../contract/ticket.ts';
import { FakeClock } from '../../lib/fake-clock.ts';
import { type Action, action, defineFunction, type FunctionOptions } from './define.ts';
import { configurationError } from './env.ts';
import type { Log, LogFields } from './log.ts';
import type { Store } from './store.ts';

const KEYS = parseTicketKeys('a-ticket-secret-for-tests-0123456789');
const NOW_MS = 1_760_000_000_000;

function aFunction(
  run: Action['run'] = async () => ({ done: true }),
  {
    context = { OPENID: 'oUserA' } as { OPENID?: unknown },
    options = {} as Partial<FunctionOptions>,
    env = {} as NodeJS.ProcessEnv,
  } = {},
) {
  const lines: (LogFields & { level: keyof Log; msg: string })[] = [];
  const at =
    (level: keyof Log): Log['info'] =>
    (fields, msg) =>
      void lines.push({ level, ...fields, msg });
  const main = defineFunction({
    name: 'test',
    actions: {
      say: action(
        v.strictObject({ action: v.literal('say'), words: v.array(v.object({ w: v.string() })) }),
        run,
      ),
    },
    ...options,
    platform: {
      sources: () => ({ wxContext: () => context, ticketKeys: () => KEYS }),
      store: () => ({}) as Store,
      env: () => env,
      log: { info: at('info'), warn: at('warn'), error: at('error') },
      clock: new FakeClock(NOW_MS),
      newId: () => 'id-1',
    },
  });
  return { main, lines };
}
const SAY = { action: 'say', words: [{ w: '保密' }] };

test('an answer is the data itself, and one line is logged: what, how long, how it went, and no content', async () => {
  const { main, lines } = aFunction();
  expect(await main({ ...SAY, userInfo: { openId: 'x' } }, { request_id: 'req-1' })).toEqual({ done: true });
  expect(lines).toEqual([
    { level: 'info', fn: 'test', requestId: 'req-1', action: 'say', ms: 0, code: 'OK', msg: 'answered' },
  ]);
});

test('a refusal has code, message, retriable and the request id, and never throws', async () => {
  const { main } = aFunction(async () => {
    throw new VoiceError('BUSY');
  });
  expect(await main(SAY, { request_id: 'req-1' })).toEqual({
    code: 'BUSY',
    message: new VoiceError('BUSY').message,
    retriable: true,
    requestId: 'req-1',
  });
});

test('an unknown action is told from a wrong request, and the wrong part is named without its content', async () => {
  const { main } = aFunction();
  for (const name of ['shout', 'constructor', '__proto__', undefined, 1, null]) {
    expect(await main({ ...SAY, action: name })).toMatchObject({ code: 'UNKNOWN_ACTION' });
  }
  const wrong = await main({ action: 'say', words: [{ w: 'ok' }, { w: { $gt: '保密' } }] });
  expect(wrong).toMatchObject({ code: 'BAD_REQUEST', detail: 'words.1.w' });
  expect(JSON.stringify(wrong)).not.toContain('保密');
  expect(await main({ ...SAY, more: 1 })).toMatchObject({ code: 'BAD_REQUEST', detail: 'more' });
  for (const event of [null, 'say', [SAY], 7])
    expect(await main(event)).toMatchObject({ code: 'BAD_REQUEST' });
});

test('an event that is too large is refused before it is looked at', async () => {
  const run = vi.fn(async () => ({}));
  const { main } = aFunction(run, { options: { maxEventChars: 100 } });
  expect(await main({ ...SAY, words: [{ w: 'x'.repeat(100) }] })).toMatchObject({ code: 'TOO_LARGE' });
  expect(run).not.toHaveBeenCalled();
});

test('a database that is set up wrongly is an error in the log and status 500, not the fault of who calls', async () => {
  const { main, lines } = aFunction(async () => {
    throw new VoiceError('STORE_MISCONFIGURED', { cause: new Error('Db or Table not exist') });
  });
  const { ticket } = await signTicket('oUserA', KEYS, { nowMs: NOW_MS });
  const headers = { authorization: `Bearer ${ticket}` };
  const event = { httpMethod: 'POST', headers, body: JSON.stringify(SAY) };
  expect(await main(event)).toMatchObject({ statusCode: 500 });
  expect(lines).toMatchObject([
    {
      level: 'error',
      code: 'STORE_MISCONFIGURED',
      err: { message: 'Error Db or Table not exist' },
      msg: 'failed',
    },
  ]);
});

test('what is unforeseen is INTERNAL outward; the reason is in the log only', async () => {
  for (const [error, reason] of [
    [new TypeError('x is not a function'), 'TypeError x is not a function'],
    [configurationError('X_SECRET is not set'), 'Error configuration: X_SECRET is not set'],
  ] as const) {
    const { main, lines } = aFunction(async () => {
      throw error;
    });
    const answer = await main(SAY);
    expect(answer).toMatchObject({ code: 'INTERNAL', retriable: true });
    expect(JSON.stringify(answer)).not.toContain('not');
    expect(lines).toMatchObject([
      { level: 'error', code: 'INTERNAL', err: { message: reason }, msg: 'failed' },
    ]);
  }
});

test('without an openid nothing runs, whatever stands in its place', async () => {
  for (const openid of [undefined, null, '', {}, { $gt: '' }, ['oUserA'], true]) {
    const run = vi.fn(async () => ({}));
    const { main } = aFunction(run, { context: { OPENID: openid } });
    expect(await main(SAY)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(run).not.toHaveBeenCalled();
  }
});

test('an openid of digits, which the platform turns into a number, is a string again', async () => {
  const run = vi.fn(async () => ({}));
  const { main } = aFunction(run, { context: { OPENID: 123 } });
  await main(SAY);
  expect(run.mock.calls[0]).toMatchObject([SAY, { caller: { openid: '123', via: 'wechat' } }]);
});

test('an HTTP event is the caller of its ticket, never of the platform, and is answered with a status', async () => {
  const run = vi.fn(async () => ({ done: true }));
  const { main } = aFunction(run, { context: { OPENID: 'oSomebodyElse' } });
  const { ticket } = await signTicket('oUserA', KEYS, { nowMs: NOW_MS });
  const event = {
    httpMethod: 'POST',
    headers: { authorization: `Bearer ${ticket}` },
    body: JSON.stringify(SAY),
  };
  const http = { path: '/', requestContext: { requestId: 'gw-1' }, isBase64Encoded: false };
  expect(await main({ ...event, ...http })).toEqual({
    statusCode: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-build': 'dev',
    },
    body: '{"done":true}',
    isBase64Encoded: false,
  });
  expect(run.mock.calls[0]).toMatchObject([SAY, { caller: { openid: 'oUserA', via: 'http' } }]);
  const base64 = { ...event, body: Buffer.from(event.body).toString('base64'), isBase64Encoded: true };
  expect(await main(base64)).toMatchObject({ statusCode: 200 });
  expect(await main({ ...event, headers: {} })).toMatchObject({ statusCode: 401 });
  expect(await main({ ...event, body: '{' })).toMatchObject({ statusCode: 400 });
  expect(await main({ ...event, body: null })).toMatchObject({ statusCode: 400 });
  expect(await main({ ...event, httpMethod: 'GET' })).toMatchObject({ statusCode: 400 });
});

describe('a timer', () => {
  const purge = vi.fn(async () => ({ purged: 1 }));
  const event = { Type: 'Timer', TriggerName: 'purge', Time: 'x', Message: '' };
  const called = (source: string | undefined, context: object = {}, more: object = {}, env: object = {}) => {
    const options = { timers: { purge } };
    const made = aFunction(undefined, { context, options, env: { TCB_SOURCE: source, ...env } });
    return { ...made, answer: made.main({ ...event, ...more }) };
  };

  test('is what the platform says that it is', async () => {
    expect(await called('wx_trigger').answer).toEqual({ purged: 1 });
    expect(await called('wx_trigger', {}, { TriggerName: 'toString' }).answer).toMatchObject({
      code: 'UNKNOWN_ACTION',
    });
    expect(await called('timer', {}, {}, { TIMER_SOURCE: 'timer' }).answer).toEqual({ purged: 1 });
  });

  test.each([undefined, '', 'wx_client', 'wx_http', 'web_client', 'wx_trigger,scf', 'scf'])(
    'is not an event that only looks like one, from source %s without an openid',
    async (source) => {
      purge.mockClear();
      const { answer, lines } = called(source);
      expect(await answer).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(purge).not.toHaveBeenCalled();
      // so that whoever deploys it sees where the platform tells it otherwise
      expect(lines[0]).toMatchObject({ level: 'warn', what: 'timer' });
      expect(lines[0]?.err?.message).toContain(`"${source ?? ''}"`);
    },
  );

  test('is not an event that a user sent', async () => {
    purge.mockClear();
    expect(await called('wx_trigger', { OPENID: 'oUserA' }).answer).toMatchObject({ code: 'UNKNOWN_ACTION' });
    expect(purge).not.toHaveBeenCalled();
  });
});

test('no page of another origin is let in unless the deployment lists it', async () => {
  const { main, lines } = aFunction();
  const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
  const preflight = { httpMethod: 'OPTIONS', headers };
  const refused = (await main(preflight)) as { headers: object };
  expect(refused).toMatchObject({ statusCode: 403 });
  expect(Object.keys(refused.headers)).toEqual(['content-type', 'cache-control', 'x-build']);
  expect(lines).toMatchObject([
    { level: 'info', action: 'preflight', code: 'FORBIDDEN', detail: 'origin', msg: 'refused' },
  ]);
  for (const list of ['', ' , ', '*', 'https://app.example.org,null'])
    expect(await aFunction(undefined, { env: { HTTP_ALLOWED_ORIGINS: list } }).main(preflight)).toMatchObject(
      {
        statusCode: 403,
      },
    );
  const listed = aFunction(undefined, { env: { HTTP_ALLOWED_ORIGINS: 'https://app.example' } });
  expect(await listed.main(preflight)).toMatchObject({ statusCode: 204, body: '' });
});

test('a GET asks only for what its function lists', async () => {
  const ask = (http: FunctionOptions['http'], query: object) =>
    signTicket('oUserA', KEYS, { nowMs: NOW_MS }).then(({ ticket }) =>
      aFunction(undefined, { options: http ? { http } : {} }).main({
        httpMethod: 'GET',
        headers: { authorization: `Bearer ${ticket}` },
        queryStringParameters: query,
      }),
    );
  const say = { action: 'say', words: 'x' };
  expect(await ask(undefined, say)).toMatchObject({ statusCode: 405 });
  expect(await ask({ actions: [], default: 'say' }, {})).toMatchObject({ statusCode: 405 });
  // a query's values are texts, and lists are none
  expect(await ask({ actions: ['say'], default: 'say' }, say)).toMatchObject({ statusCode: 400 });
  expect(await ask('refused', say)).toMatchObject({ statusCode: 403 });
});
