import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type LocalService,
  startContainer,
  startLocalService,
  stopProcess,
} from '../container/testing/local-service.ts';
import { metricsOf } from '../container/testing/metrics.ts';
import { connectVoice, refusalOf, sendFile, uniqueId } from '../container/testing/voice-client.ts';
import { BUILD_HEADER, HTTP_API_BASE } from '../contract/http-api.ts';
import { projectVersion } from './build-id.ts';
import { buildContainer } from './container.ts';
import { bundleFunction } from './functions.ts';

const BUILD = { version: projectVersion(), build: 'abc1234' };
const FUNCTIONS = ['history', 'stats'];

/** What every line of the container's and the functions' log has; docs/operations.md says the same. */
const entrySchema = v.looseObject({
  level: v.picklist([20, 30, 40, 50, 60]),
  time: v.pipe(v.number(), v.safeInteger(), v.minValue(1_700_000_000_000)),
  msg: v.pipe(v.string(), v.minLength(1)),
  version: v.optional(v.string()),
  build: v.optional(v.string()),
  err: v.optional(v.looseObject({ type: v.string(), message: v.string() })),
});
/** @throws where a line is not of the format */
const entriesOf = (lines: readonly string[]) => lines.map((line) => v.parse(entrySchema, JSON.parse(line)));
const messagesOf = (lines: readonly string[]): string[] => [
  ...new Set(entriesOf(lines).map(({ msg }) => msg)),
];

let folder: string;
let script: string;
let service: LocalService;
const functionLog: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'running-build-'));
  const { build } = BUILD;
  const container = await buildContainer({ outDir: join(folder, 'container'), build });
  script = join(container.folder, 'index.js');
  const functionsDir = join(folder, 'functions');
  for (const name of FUNCTIONS) await bundleFunction(name, join(functionsDir, name), { build });
  service = await startLocalService(
    { METRICS_PORT: '0', LOG_LEVEL: 'debug', DRAIN_MS: '100' },
    {
      functionsDir,
      log: ({ event, line }) => void (event === 'function.log' && functionLog.push(String(line))),
    },
    script,
  );
});
afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a container', () => {
  test('says in /health, /ready and its metrics which build it is', async () => {
    for (const path of ['/health', '/ready'])
      expect(await (await fetch(service.url + path)).json()).toMatchObject({ ok: true, ...BUILD });
    const { metricsPort } = entriesOf(service.log)[0] as unknown as { metricsPort: number };
    const metrics = await metricsOf(`http://127.0.0.1:${metricsPort}/metrics`);
    expect(metrics.get(`voice_build_info{version="${BUILD.version}",build="abc1234"}`)).toBe(1);
  });

  test('logs the build with its first line only; every line has the documented form, whatever happens', async () => {
    const ticket = await service.ticket();
    const socket = await connectVoice(service.url, { ticket });
    await sendFile(socket, 'samples/phrases/coffee.wav');
    await refusalOf(socket, 'dance', {});
    socket.close();
    service.gateway.faults.set({ rules: [{ effect: 'refuse' }] });
    const other = await connectVoice(service.url, { ticket });
    expect(await refusalOf(other, 'start', { sessionId: uniqueId(), clientId: 'client-0001' })).toBe(
      'STORE_UNAVAILABLE',
    );
    other.close();
    service.gateway.faults.clear();
    expect(await stopProcess(service.container)).toBe(0);
    const [first, ...others] = entriesOf(service.log);
    expect(first).toMatchObject({ ...BUILD, msg: 'listening', level: 30, port: expect.any(Number) });
    for (const { version, build } of others) expect([version, build]).toEqual([undefined, undefined]);
    expect(messagesOf(service.log)).toEqual(
      expect.arrayContaining([
        ...['session opened', 'session', 'session ended', 'refused'],
        ...['the database does not answer', 'draining', 'stopped'],
      ]),
    );
  });

  test.each([
    [
      'is configured wrongly: every problem by the name of its variable',
      { TICKET_SECRET: 'short', PORT: 'x' },
      {
        problems: expect.arrayContaining([
          expect.stringMatching(/^PORT：/),
          expect.stringMatching(/^TICKET_SECRET：/),
        ]),
      },
    ],
    ['cannot listen: why', { LOG_LEVEL: 'silent' }, { err: { code: 'EADDRINUSE' }, msg: 'could not start' }],
  ])(
    'that %s, in one line, with the build, whatever the log level; it ends with 1',
    async (_, env, expected) => {
      const log: string[] = [];
      const taken = new URL(service.gateway.url).port;
      const all = { ...service.gateway.containerEnv(), PORT: taken, ...env };
      await expect(startContainer(all, log, [], script)).rejects.toThrow(/ended with 1/);
      const entries = entriesOf(log);
      expect(entries).toHaveLength(1);
      expect(entries[0]).toMatchObject({ level: 60, ...BUILD, ...expected });
    },
  );
});

describe('a function', () => {
  const ask = (name: string, query: string, headers: Record<string, string> = {}) =>
    fetch(`${service.gateway.url}${HTTP_API_BASE}/${name}${query}`, { headers });

  test('says on every HTTP answer which build it is', async () => {
    const authorization = `Bearer ${await service.ticket()}`;
    for (const answer of [await ask('stats', ''), await ask('stats', '?action=totals', { authorization })])
      expect(answer.headers.get(BUILD_HEADER)).toBe('abc1234');
  });

  test('logs the build with its first line only; every line has the documented form, whatever happens', async () => {
    const caller = { openid: 'oTester' };
    const call = (data: object) => service.gateway.callFunction('history', data, caller);
    await call({ action: 'list' });
    await call({ action: 'dance' });
    service.gateway.faults.set({ rules: [{ effect: 'refuse' }] });
    await call({ action: 'list' });
    service.gateway.faults.clear();
    // a timer that only looks like one is a warning
    await service.gateway.callFunction('history', { Type: 'Timer', TriggerName: 'purge' });
    const ofHistory = () => functionLog.filter((line) => line.includes('"fn":"history"'));
    await vi.waitFor(() => expect(ofHistory().length).toBeGreaterThanOrEqual(5));
    const [first, ...others] = entriesOf(ofHistory());
    expect(first).toMatchObject({ ...BUILD, fn: 'history', action: 'list', code: 'OK', msg: 'answered' });
    for (const { version, build } of others) expect([version, build]).toEqual([undefined, undefined]);
    expect(messagesOf(ofHistory())).toEqual(['answered', 'refused', 'a step failed, the call goes on']);
    // also of what the SDK or the platform may print
    expect(entriesOf(functionLog).every(({ fn }) => typeof fn === 'string')).toBe(true);
  });
});
