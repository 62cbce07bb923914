import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Gateway } from './gateway.ts';
import { connect, refusal, startTestGateway, temporaryFolder } from './testing/start.ts';

const log: Record<string, unknown>[] = [];
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startTestGateway({
    keep: true,
    log: (entry) => log.push(entry),
    functionEnv: { GREETING: 'hi' },
  });
});
afterAll(() => gateway.stop());

const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${gateway.url}/_local/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  });
  return { status: answer.status, body: await answer.json() };
};

describe('who calls', () => {
  it('overlapping calls of two users each see their own OPENID, from start to end', async () => {
    const users = ['A', 'B', 'A', 'B', 'A', 'B', 'A', 'B'];
    const calls = users.map((user) => gateway.callFunction('whoami', { waitMs: 30 }, { user }));
    const openids = users.map((user) => `oLocalUser${user}`);
    expect((await Promise.all(calls)).map((one) => (one as { before: string }).before)).toEqual(openids);
    expect((await Promise.all(calls)).map((one) => (one as { after: string }).after)).toEqual(openids);
  });

  it('a mini-program call carries the user in the event too', async () => {
    const { userInfo } = (await gateway.callFunction('whoami', {}, { openid: 'oSomeone' })) as {
      userInfo: { openId: string };
    };
    expect(userInfo.openId).toBe('oSomeone');
  });

  it('a call by the server SDK is nobody, even in an instance that a user has just used', async () => {
    const app = connect(gateway.adminUrl);
    await gateway.callFunction('whoami', {}, { user: 'A' });
    const calls = await Promise.all(
      Array.from({ length: 4 }, () => app.callFunction({ name: 'whoami', data: {} })),
    );
    for (const { result } of calls) expect(result).toEqual({});
  });

  it('HTTP access is nobody', async () => {
    const answer = await fetch(`${gateway.url}/_local/http/http/a/b?x=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-local-user': 'A', Authorization: 'Bearer t' },
      body: '{"q":"问"}',
    });
    expect(await answer.json()).toMatchObject({
      path: '/a/b',
      httpMethod: 'POST',
      headers: { authorization: 'Bearer t' },
      queryStringParameters: { x: '1' },
      body: '{"q":"问"}',
      isBase64Encoded: false,
      openid: null,
    });
  });
});

describe('POST /_local/call', () => {
  it('answers { result }', async () => {
    const { status, body } = await post('call/echo', { a: '值' }, { 'x-local-user': 'B' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      result: { name: 'echo', event: { a: '值', userInfo: { openId: 'oLocalUserB' } } },
    });
  });

  it('without a user is nobody, with an unknown one is refused', async () => {
    expect((await post('call/whoami', {})).body).toEqual({ result: {} });
    expect((await post('call/whoami', {}, { 'x-local-user': 'C' })).status).toBe(400);
  });

  it.each([
    ['throw', -504002, 'RangeError: not today'],
    ['exit', -504002, 'exited with code 3'],
    ['uncaught', -504002, 'Cannot read properties of undefined'],
    ['unhandled', -504002, 'nobody listens'],
    ['memory', -504002, 'memory limit'],
  ])(
    'a function that fails by %s answers its error, and the next call works',
    async (how, errCode, words) => {
      const { body } = await post('call/misbehave', { how }, { 'x-local-user': 'A' });
      expect(body).toMatchObject({ error: { errCode, errMsg: expect.stringContaining(words) } });
      expect((await post('call/misbehave', {})).body).toEqual({ result: 'fine' });
    },
  );

  it('a function that takes longer than cloudbaserc.json allows is ended', async () => {
    const { body } = await post('call/slow', {});
    expect(body).toMatchObject({
      error: { errCode: -504003, errMsg: expect.stringContaining('timed out after 1 seconds') },
    });
  });

  it('a function that is not there is named', async () => {
    expect((await post('call/nothing', {})).body).toMatchObject({ error: { errCode: -501000 } });
    expect((await post('call/..%2Fecho', {})).body).toMatchObject({ error: { errCode: -501000 } });
    expect(await refusal(connect(gateway.adminUrl).callFunction({ name: 'nothing', data: {} }))).toContain(
      'FUNCTION_NOT_FOUND',
    );
  });

  it('more than 6 MB is refused', async () => {
    const answer = await post('call/echo', { a: 'x'.repeat(20 * 1024 * 1024) });
    expect(answer.status).toBe(413);
  });

  it('pages of this machine may call, other web sites may not', async () => {
    const preflight = await fetch(`${gateway.url}/_local/call/echo`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:5173' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'http://localhost:5173',
    ]);
    expect((await post('call/echo', {}, { origin: 'https://evil.example' })).status).toBe(403);
  });
});

describe('HTTP access', () => {
  const get = (path: string) => fetch(`${gateway.url}/_local/http/http${path}`);

  it('text is text, an integrated response is as given', async () => {
    const text = await get('/text');
    expect([text.headers.get('content-type'), await text.text()]).toEqual([
      'text/plain; charset=utf-8',
      'plain words',
    ]);
    const pot = await get('/teapot');
    expect([pot.status, pot.headers.get('x-kind'), await pot.text()]).toEqual([418, 'pot', '茶']);
  });

  it('a binary body arrives as base64', async () => {
    const body = Buffer.from([0, 255, 1]);
    const answer = await fetch(`${gateway.url}/_local/http/http/x`, { method: 'PUT', body });
    expect(await answer.json()).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
  });
});

it('a timer that cloudbaserc.json declares can be fired, and calls as nobody', async () => {
  const { body } = await post('timer/slow/nightly', {});
  expect(body).toMatchObject({
    result: { Type: 'Timer', TriggerName: 'nightly', Time: expect.stringMatching(/Z$/) },
  });
  expect((await post('timer/slow/other', {})).status).toBe(404);
});

it('instances are bounded, each cold start is measured, calls beyond wait their turn', async () => {
  const calls = Array.from({ length: 12 }, (_, i) =>
    gateway.callFunction('whoami', { waitMs: 10 }, { openid: `o${i}` }),
  );
  expect((await Promise.all(calls)).map((one) => (one as { after: string }).after)).toEqual(
    calls.map((_, i) => `o${i}`),
  );
  const starts = log.filter(({ event, name }) => event === 'function.cold-start' && name === 'whoami');
  expect(starts.length).toBeLessThanOrEqual(4);
  for (const { tookMs } of starts) expect(tookMs).toBeGreaterThan(0);
});

it('what a function prints is in the log', async () => {
  await post('call/misbehave', { how: 'throw' });
  await vi.waitFor(() =>
    expect(log).toContainEqual(
      expect.objectContaining({
        event: 'function.log',
        name: 'misbehave',
        line: expect.stringContaining('RangeError'),
      }),
    ),
  );
});

it('functions find the environment that was given, and nothing of this process', async () => {
  process.env.SECRET_OF_THE_HOST = 'x';
  const { env } = (await gateway.callFunction('echo', { showEnvironment: true })) as {
    env: Record<string, string>;
  };
  expect(env.GREETING).toBe('hi');
  expect(env).not.toHaveProperty('SECRET_OF_THE_HOST');
});

it('a function built anew serves the next call with its new code', async () => {
  const functionsDir = await temporaryFolder();
  const file = join(functionsDir, 'greet', 'index.js');
  const build = async (word: string, at: number) => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `exports.main = () => '${word}';`);
    await utimes(file, at, at);
  };
  await build('old', 1);
  const other = await startTestGateway({ functionsDir });
  expect(await other.callFunction('greet')).toBe('old');
  await build('new', 2);
  expect(await other.callFunction('greet')).toBe('new');
});
