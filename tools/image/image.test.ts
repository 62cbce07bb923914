import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { buildContainer } from '../../compile/container.ts';
import { SOCKET_IO_CLIENTS } from '../../container/testing/clients/socketio.ts';
import { Talk } from '../../container/testing/clients/talk.ts';
import type { VoiceClient } from '../../container/testing/clients/types.ts';
import { COFFEE } from '../../container/testing/contract/context.ts';
import {
  addressOf,
  containerSettings,
  type LocalCloud,
  startLocalCloud,
  stopProcess,
} from '../../container/testing/local-service.ts';
import { freePort } from '../../container/testing/nginx.ts';
import { nodeOptionsOf } from '../check/dockerfile.ts';
import { type Entry, readArchive, type SavedImage } from './archive.ts';
import type { ImageEngine, RunningContainer } from './engine.ts';
import { engineForTests } from './image-for-tests.ts';
import { processState } from './processes.ts';

// making the base image downloads about 60 MB
vi.setConfig({ testTimeout: 60_000, hookTimeout: 300_000 });

const MAX_OWN_BYTES = 12_000_000;
const NODE_USER = 1000;
const COMMAND = ['node', ...nodeOptionsOf(readFileSync('Dockerfile', 'utf8')), 'index.js'];
const [CLIENT] = SOCKET_IO_CLIENTS as [VoiceClient];
const engine = await engineForTests();

describe.skipIf(engine === undefined)('the image', () => {
  const tools = engine as ImageEngine;
  let cloud: LocalCloud;
  let folder: string;
  let image: SavedImage;

  beforeAll(async () => {
    cloud = await startLocalCloud();
    folder = await mkdtemp(join(tmpdir(), 'image-'));
    const context = join(folder, 'context');
    await buildContainer({ outDir: context });
    // what a careless folder may hold, too
    for (const stray of ['.env', 'index.js.map', 'stale.js'])
      await writeFile(join(context, stray), 'SECRET=1');
    await tools.build(context);
    const archive = join(folder, 'image.tar');
    await tools.save(archive);
    image = await readArchive(archive, folder, await tools.baseLayers());
  });
  afterAll(async () => {
    await tools.dispose();
    await cloud?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** A container of the image that uses the local cloud; it is gone after the test. */
  async function start(
    env: Record<string, string> = {},
  ): Promise<RunningContainer & { url: string; log: string[] }> {
    const container = await tools.run(containerSettings({ ...cloud.env, ...env }));
    onTestFinished(container.kill);
    const log: string[] = [];
    return { ...container, url: await addressOf(container.process, log), log };
  }
  const ready = (url: string): Promise<Response> => vi.waitUntil(() => whenReady(url), { timeout: 10_000 });
  const talkTo = async (url: string): Promise<Talk> => {
    const talk = new Talk(await CLIENT.connect(url, { ticket: await cloud.ticket() }));
    onTestFinished(() => talk.connection.close());
    return talk;
  };

  test('adds the program to its base and nothing else, in at most 12 MB', () => {
    const files = image.own.filter(({ mode }) => !mode.startsWith('d'));
    expect(files.map(({ path, mode }) => [path, mode]).toSorted()).toEqual([
      ['app/index.js', '-rw-r--r--'],
      ['app/package.json', '-rw-r--r--'],
    ]);
    expect(bytesOf(image.own)).toBeLessThan(MAX_OWN_BYTES);
  });

  test('says on which port it listens, as whom it runs, and what ends it', () => {
    const { User, ExposedPorts, Env, Entrypoint, Cmd, StopSignal } = image.config;
    expect(User).toBe(`${NODE_USER}:${NODE_USER}`);
    expect(Object.keys(ExposedPorts ?? {})).toEqual(['8080/tcp']);
    expect(Env).toEqual(expect.arrayContaining(['NODE_ENV=production', 'PORT=8080', 'MALLOC_ARENA_MAX=1']));
    expect([...(Entrypoint ?? []), ...(Cmd ?? [])]).toEqual(COMMAND);
    expect(StopSignal).toBe('SIGTERM');
  });

  test('serves with no capability and no way to gain one, as one process that is nobody special', async () => {
    const { url, pid } = await start();
    expect(await (await ready(url)).json()).toMatchObject({ ok: true, faults: [] });
    const { command, users, innerPid, capabilities, noNewPrivileges, children } = await processState(
      await pid(),
    );
    expect({ command, innerPid, children }).toEqual({
      command: COMMAND,
      innerPid: 1,
      children: [],
    });
    expect(new Set(users)).toEqual(new Set([NODE_USER]));
    expect(Object.keys(capabilities)).toContain('CapEff');
    expect(Object.values(capabilities)).toEqual(Object.values(capabilities).map(() => 0n));
    expect(noNewPrivileges).toBe(true);
  });

  test('can write nowhere on its root file system', async () => {
    const { exec } = await start();
    const places = ['/', '/app', '/tmp', '/etc', '/usr/local/bin'];
    const script = `for (const place of ${JSON.stringify(places)})
      try { require('fs').writeFileSync(place + '/written', ''); console.log(place, 'written') }
      catch ({ code }) { console.log(place, code) }`;
    const { code, output } = await exec(['node', '-e', script]);
    expect({ code, lines: output.trim().split('\n') }).toEqual({
      code: 0,
      lines: places.map((place) => `${place} EROFS`),
    });
  });

  test('listens on PORT', async () => {
    const port = await freePort();
    const { url } = await start({ PORT: String(port) });
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect((await ready(url)).status).toBe(200);
  });

  test('hands its sessions to another container on SIGTERM and ends with 0', async () => {
    const leaving = await start({ DRAIN_MS: '2000' });
    const first = await talkTo(leaving.url);
    const { sessionId } = await first.start();
    first.send(COFFEE, 'positioned', 0, 19_200);
    await first.said('progress', ({ nextPos }) => Number(nextPos) > 0);
    const ended = stopProcess(leaving.process);
    expect(await first.said('draining')).toEqual({ deadlineMs: 2_000 });
    await first.connection.closed;
    expect(await ended).toBe(0);
    expect(leaving.log.join('\n')).toMatch(/"how":"released".*"stopped"/s);

    const second = await talkTo((await start()).url);
    const { nextPos, state } = await second.start({ sessionId, resume: { haveIndex: -1 } });
    expect(state).toBe('live');
    second.send(COFFEE, 'positioned', nextPos);
    await second.stop(COFFEE.endPos);
    expect(second.text).toBe(COFFEE.text);
  });
});

const bytesOf = (entries: readonly Entry[]): number => entries.reduce((sum, { bytes }) => sum + bytes, 0);

/** The answer of `/ready`, once it is 200. */
async function whenReady(url: string): Promise<Response | undefined> {
  const response = await fetch(`${url}/ready`);
  return response.ok ? response : undefined;
}
