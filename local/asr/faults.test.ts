import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Faults } from './faults.ts';
import { ERROR_MESSAGES } from './realtime/codes.ts';
import type { AsrClient } from './testing/asr-client.ts';
import { concat, silence } from './testing/audio.ts';
import { RealtimeFixture } from './testing/realtime-fixture.ts';
import { readSample } from './testing/sample-files.ts';

const fixture = new RealtimeFixture();
beforeAll(() => fixture.start());
afterEach(() => fixture.reset());
afterAll(() => fixture.stop());

const phrase = readSample('phrases/thanks-all');
const audio = concat([silence(300), phrase.samples, silence(1_100)]);

/** A stream on which a phrase was spoken and ended. */
async function speak(): Promise<AsrClient> {
  const client = await fixture.open();
  client.send(audio);
  client.end();
  return client;
}

test.each(Object.keys(ERROR_MESSAGES).map(Number))(
  'code %i instead of the handshake message',
  async (code) => {
    fixture.server.faults.set({ kind: 'code', code, times: 1 });
    const refused = await fixture.connect();
    await refused.closed;
    expect(refused.messages).toEqual([
      { code, message: expect.any(String), voice_id: expect.any(String), message_id: expect.any(String) },
    ]);
    await fixture.open();
  },
);

test('a code in the middle of a stream', async () => {
  fixture.server.faults.set({ kind: 'code', code: 5001, afterAudioMs: 600 });
  const client = await fixture.open();
  client.send(silence(500));
  client.send(silence(200));
  await client.closed;
  expect(client.messages.map(({ code }) => code)).toEqual([0, 5001]);
});

test.each([400, 503] as const)('HTTP %i at the upgrade', async (status) => {
  fixture.server.faults.set({ kind: 'http', status });
  await expect(fixture.connect()).rejects.toThrow(String(status));
});

test('a delayed handshake message', async () => {
  fixture.server.faults.set({ kind: 'delay-handshake', ms: 150 });
  const client = await fixture.connect();
  await vi.waitFor(() => expect(fixture.clock.pending).toBe(1));
  fixture.clock.advanceSync(149);
  expect(fixture.clock.pending).toBe(1);
  fixture.clock.advanceSync(1);
  await vi.waitFor(() => expect(client.lastCode).toBe(0));
});

test('a connection that is closed without a close frame', async () => {
  fixture.server.faults.set({ kind: 'drop', afterAudioMs: 100 });
  const client = await fixture.open();
  client.send(silence(100));
  expect(await client.closed).toBe(1006);
});

test('a close right after the handshake', async () => {
  fixture.server.faults.set({ kind: 'close' });
  const client = await fixture.connect();
  expect(await client.closed).toBe(1000);
  expect(client.messages.map(({ code }) => code)).toEqual([0]);
});

test('a close without a final', async () => {
  fixture.server.faults.set({ kind: 'close', afterAudioMs: 500 });
  const client = await speak();
  expect(await client.closed).toBe(1000);
  expect(client.messages.some(({ final }) => final)).toBe(false);
});

test('a stall: audio is accepted and nothing is answered', async () => {
  fixture.server.faults.set({ kind: 'stall' });
  const before = fixture.server.stats.audioMs;
  const client = await speak();
  await vi.waitFor(() => expect(fixture.server.stats.audioMs).toBeGreaterThan(before));
  client.socket.ping();
  await new Promise((resolve) => client.socket.once('pong', resolve));
  expect(client.messages).toHaveLength(1);
});

test('a null word_list', async () => {
  fixture.server.faults.set({ kind: 'null-word-list' });
  const client = await speak();
  await client.closed;
  const results = client.messages.flatMap(({ result }) => result ?? []);
  expect(results.length).toBeGreaterThan(0);
  expect(results.every(({ word_list }) => word_list === null)).toBe(true);
});

test('a first result with slice_type 2', async () => {
  fixture.server.faults.set({ kind: 'final-only' });
  const client = await speak();
  await client.closed;
  expect(client.messages.flatMap(({ result }) => result?.slice_type ?? [])).toEqual([2]);
});

test('no final after end', async () => {
  fixture.server.faults.set({ kind: 'withhold-final' });
  const client = await speak();
  await vi.waitFor(() => expect(client.sentences).toEqual([phrase.text]));
  client.socket.ping();
  await new Promise((resolve) => client.socket.once('pong', resolve));
  expect(client.messages.some(({ final }) => final)).toBe(false);
  expect(client.socket.readyState).toBe(client.socket.OPEN);
});

test('a field that the documentation does not name', async () => {
  fixture.server.faults.set({ kind: 'extra-fields' });
  const client = await speak();
  await client.closed;
  expect(client.messages.find(({ result }) => result)?.result?.emotion_type).toBeNull();
});

describe('which streams a fault applies to', () => {
  const appliesTo = (faults: Faults, count: number): boolean[] =>
    Array.from({ length: count }, () => faults.draw().get('stall') !== undefined);

  test('with `times`: only the next so many', () => {
    const faults = new Faults();
    faults.set({ kind: 'stall', times: 2 });
    expect(appliesTo(faults, 4)).toEqual([true, true, false, false]);
    expect(faults.fired).toEqual({ stall: 2 });
  });

  test('with `probability`: a share of them, the same for the same seed', () => {
    const [one, two] = [new Faults(), new Faults()];
    one.set({ kind: 'stall', probability: 0.3, seed: 7 });
    two.set({ kind: 'stall', probability: 0.3, seed: 7 });
    const drawn = appliesTo(one, 200);
    expect(appliesTo(two, 200)).toEqual(drawn);
    expect(drawn.filter(Boolean).length).toBeGreaterThan(35);
    expect(drawn.filter(Boolean).length).toBeLessThan(85);
  });
});

describe('over HTTP', () => {
  const post = (body: string): Promise<Response> =>
    fetch(`${fixture.server.url}/_local/faults`, { method: 'POST', body });

  test('faults are set and cleared', async () => {
    expect((await post(JSON.stringify([{ kind: 'code', code: 4004 }]))).status).toBe(200);
    const refused = await fixture.connect();
    await refused.closed;
    expect(refused.lastCode).toBe(4004);
    await fetch(`${fixture.server.url}/_local/faults`, { method: 'DELETE' });
    await fixture.open();
  });

  test.each(['{', '{"kind":"nonsense"}', '{"kind":"code","code":1}', '{"kind":"stall","times":0}'])(
    '%s is refused',
    async (body) => {
      const response = await post(body);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ error: expect.any(String) });
    },
  );

  test('the statistics hold sessions, audio and codes', async () => {
    const stats = await (await fetch(`${fixture.server.url}/_local/stats`)).json();
    expect(stats).toMatchObject({
      sessions: { open: expect.any(Number), started: expect.any(Number), completed: expect.any(Number) },
      audioMs: expect.any(Number),
      codes: { 4004: expect.any(Number) },
      oneshot: { requests: 0 },
      engine: { name: '短语库（演示与测试用）', lagMs: 0 },
    });
  });
});
