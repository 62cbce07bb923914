import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'socket.io-client';
import { afterEach, describe, expect, it } from 'vitest';
import { LEASES } from '../../contract/records.ts';
import { tone } from '../testing/audio.ts';
import {
  type LocalService,
  startContainer,
  startLocalService,
  stopProcess,
} from '../testing/local-service.ts';
import { connectVoice, said, sendFile, startOf } from '../testing/voice-client.ts';

/** The account has one stream, for all instances together. */
const ONE_STREAM = { RECOGNISER_STREAMS: '1', DRAIN_MS: '200' };
/** A look of the instance that holds the stream, and one of the instance that wants it. */
const GIVEN_WITHIN = { timeout: 15_000, interval: 100 };

const clean: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of clean.splice(0).reverse()) await one();
});

async function begin(options: { rcPath?: string } = {}): Promise<LocalService> {
  const service = await startLocalService(ONE_STREAM, options);
  clean.push(() => service.stop());
  return service;
}

/** One more instance, on the same database and recogniser. */
async function another(service: LocalService): Promise<{ url: string; container: ChildProcess }> {
  const asr = service.asr.url.replace('http', 'ws');
  const env = { ...service.gateway.containerEnv(), ASR_ENDPOINT: asr, ...ONE_STREAM };
  const started = await startContainer(env, []);
  clean.push(() => stopProcess(started.container));
  return started;
}

async function connected(service: LocalService, url = service.url): Promise<Socket> {
  const socket = await connectVoice(url, { ticket: await service.ticket() });
  clean.push(() => socket.close());
  return socket;
}

/** Streams that each instance holds. */
const heldIn = ({ gateway }: LocalService) => gateway.dump(LEASES).map(({ slots }) => slots);

describe('two instances with one stream', () => {
  it('let the second session wait in the queue, with its audio, until the first one ends', async () => {
    const service = await begin();
    const other = await another(service);
    const [one, two] = [await connected(service), await connected(service, other.url)];
    await startOf(one);
    one.emit('audio', 0, Buffer.from(tone(500)));
    await expect.poll(() => heldIn(service).sort(), GIVEN_WITHIN).toEqual([0, 1]);
    const queued = said(two, 'queue');
    const sending = sendFile(two, 'samples/phrases/coffee.wav');
    expect(await queued).toMatchObject({ place: 1 });
    const found = said(two, 'queue');
    await one.timeout(20_000).emitWithAck('stop', 8_000);
    expect(await found).toMatchObject({ place: 0 });
    expect(await sending).toMatchObject({ exact: true });
  }, 60_000);

  it('give it back when they end, and leave it when they are killed', async () => {
    const service = await begin();
    const holders = () => service.gateway.dump(LEASES).map(({ _id }) => _id);
    await expect.poll(holders, GIVEN_WITHIN).toHaveLength(1);
    const [own] = holders();
    const other = await another(service);
    await expect.poll(holders, GIVEN_WITHIN).toHaveLength(2);
    await stopProcess(other.container, 'SIGKILL');
    await stopProcess(service.container);
    expect(holders()).toHaveLength(1);
    expect(holders()).not.toContain(own);
  });
});

it('where the collection is missing sessions are not counted, and /ready names what is missing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shared-streams-'));
  clean.push(() => rm(folder, { recursive: true }));
  const rcPath = join(folder, 'cloudbaserc.json');
  await writeFile(rcPath, (await readFile('cloudbaserc.json', 'utf8')).replace(LEASES, 'voice_other'));
  const service = await begin({ rcPath });
  const fault = { dependency: 'leases', code: 'STORE_MISCONFIGURED' };
  const ready = async () =>
    ((await (await fetch(`${service.url}/ready`)).json()) as { faults: unknown }).faults;
  await expect.poll(ready, GIVEN_WITHIN).toEqual([fault]);
  const [one, two] = [await connected(service), await connected(service)];
  await startOf(one);
  expect(await sendFile(two, 'samples/phrases/coffee.wav')).toMatchObject({ exact: true });
  expect(service.log.filter((line) => line.includes('refuses the leases'))).toHaveLength(1);
}, 60_000);
