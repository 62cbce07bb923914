import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { FakeClock } from '../../lib/fake-clock.ts';
import { newestModel } from '../../local/asr/sherpa/installed-models.ts';
import { type InstallOptions, installModel } from './install.ts';
import { archiveOf, fileEntry, toyModelEntries } from './testing/archive.ts';
import { cutAt, type FileServer, startFileServer } from './testing/file-server.ts';

let archive: Uint8Array;
let sha256: string;
beforeAll(async () => {
  archive = await archiveOf(toyModelEntries());
  sha256 = createHash('sha256').update(archive).digest('hex');
});

const PART = '.toy-model.tar.bz2.part';

/** A data folder and a server with the archive; `install` runs as the command does, without waiting between attempts. */
async function bench(file: Uint8Array = archive) {
  const dataDir = mkdtempSync(join(tmpdir(), 'asr-model-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const server = await startFileServer(file);
  const said: string[] = [];
  const received: number[] = [];
  const models = join(dataDir, 'models');
  const install = (options: Partial<InstallOptions> = {}) =>
    installModel({
      model: {
        name: 'toy-model',
        bytes: archive.length,
        sha256,
        files: ['model.onnx', 'tokens.txt'],
        installedBytes: 10_000,
      },
      from: { url: server.url },
      dataDir,
      clock: { now: systemClock.now, after: (ms, fn) => systemClock.after(ms >= 30_000 ? ms : 0, fn) },
      say: (line) => said.push(line),
      onDownload: (bytes) => received.push(bytes),
      onUnpack: () => {},
      ...options,
    });
  /** Waits until so many bytes have come in. */
  const has = (bytes: number) => () => vi.waitFor(() => expect(received).toContain(bytes));
  return { server, dataDir, models, install, said, received, has };
}

/** Names in the models' folder that are not a finished model. */
const leftovers = (models: string): string[] => readdirSync(models).filter((name) => name !== 'toy-model');

test('a model is downloaded, checked, unpacked, and found by npm start', async () => {
  const { dataDir, models, install, said, received } = await bench();
  const installed = await install();
  expect(installed).toEqual({ folder: join(models, 'toy-model'), kind: 'zipformer2-ctc', already: false });
  expect(readdirSync(installed.folder).sort()).toEqual(['model.onnx', 'tokens.txt']);
  expect(leftovers(models)).toEqual([]);
  expect(received.at(-1)).toBe(archive.length);
  expect(said).toContain('校验和正确');
  expect(newestModel(dataDir)).toEqual({ folder: installed.folder, problem: undefined });
});

test('a model that is there is not downloaded again', async () => {
  const { server, install } = await bench();
  await install();
  expect(await install()).toMatchObject({ already: true });
  expect(server.ranges).toHaveLength(1);
});

test('lost connections are made again, each from where the one before it ended', async () => {
  const { server, install, said, has } = await bench();
  server.next.push(cutAt(server, 0, 1_000, has(1_000)), cutAt(server, 1_000, 1_500, has(1_500)));
  await install();
  expect(server.ranges).toEqual([undefined, 'bytes=1000-', 'bytes=1500-']);
  expect(said.filter((line) => line.includes('接着下载'))).toHaveLength(2);
});

/** Leaves half of a file, as a run that was ended does. */
async function halfDownloaded(file: Uint8Array = archive) {
  const bed = await bench(file);
  const aborted = new AbortController();
  bed.server.next.push(cutAt(bed.server, 0, 1_200, bed.has(1_200)));
  const first = bed.install({
    signal: aborted.signal,
    say: (line) => line.includes('接着下载') && aborted.abort(),
  });
  await expect(first).rejects.toThrow('接着下载');
  expect(existsSync(join(bed.models, 'toy-model'))).toBe(false);
  bed.server.ranges.length = 0;
  return bed;
}

test('the next run continues what an ended one has left', async () => {
  const { server, install } = await halfDownloaded();
  await install();
  expect(server.ranges).toEqual(['bytes=1200-']);
});

test('a file that was replaced on the server meanwhile is downloaded as a whole', async () => {
  const { server, install } = await halfDownloaded(new Uint8Array(archive.length));
  Object.assign(server, { file: archive, etag: '"2"' });
  await install();
  expect(server.ranges).toEqual(['bytes=1200-']);
});

test('a server that gives no ranges is asked for all of it again, and the file is right', async () => {
  const { server, install, received } = await halfDownloaded();
  server.next.push((_request, response) =>
    response.writeHead(200, { 'content-length': archive.length }).end(archive),
  );
  await install();
  expect(received).toContain(0);
});

test('a server that gives another range than the one asked for does not get into the file', async () => {
  const { server, install } = await halfDownloaded();
  server.next.push((_request, response) => {
    response
      .writeHead(206, { 'content-range': `bytes 0-${archive.length - 1}/${archive.length}` })
      .end(archive);
  });
  await install();
  expect(server.ranges).toEqual(['bytes=1200-', undefined]);
});

test('a server that has trouble is asked again; one that never gets better is given up, and what to do is said', async () => {
  const { server, install } = await bench();
  const busy = (_request: unknown, response: { writeHead(status: number): { end(): void } }) =>
    response.writeHead(503).end();
  server.next.push(busy, busy);
  await install();
  const { server: broken, install: again } = await bench();
  broken.next.push(...Array.from({ length: 20 }, () => busy));
  await expect(again()).rejects.toThrow(/下载中断（服务器回答 503）：再运行一次会接着下载，或用 --mirror/);
});

test('404 is final, and names the other way', async () => {
  const { server, install, models } = await bench();
  server.next.push((_request, response) => response.writeHead(404).end());
  await expect(install()).rejects.toThrow(/404.*--mirror/);
  expect(server.ranges).toHaveLength(1);
  expect(readdirSync(models)).toEqual([]);
});

test('a connection that brings nothing for half a minute is given up, and the download goes on', async () => {
  const { server, install } = await bench();
  const clock = new FakeClock();
  server.next.push((_request, response) => {
    response.writeHead(200, { 'content-length': archive.length, etag: '"1"' });
    response.write(archive.subarray(0, 700));
  });
  const received: number[] = [];
  const installing = install({ clock, onDownload: (bytes) => received.push(bytes) });
  await vi.waitFor(() => expect(received).toContain(700));
  await clock.advance(30_000);
  await vi.waitFor(async () => {
    await clock.advance(0);
    expect(server.ranges).toEqual([undefined, 'bytes=700-']);
  });
  await installing;
});

test('a wrong checksum: the file is removed, nothing is installed', async () => {
  const wrong = Uint8Array.from(archive);
  wrong[archive.length - 1] = (wrong[archive.length - 1] as number) ^ 1;
  const { install, models } = await bench(wrong);
  await expect(install()).rejects.toThrow(/校验和不对.*已经删除.*--mirror/);
  expect(readdirSync(models)).toEqual([]);
});

test.each<[string, (server: FileServer) => void, RegExp]>([
  [
    'another length than the published one',
    (server) => void Object.assign(server, { file: archive.subarray(5) }),
    /长度是.*应为/,
  ],
  [
    'more than it said',
    (server) =>
      server.next.push((_request, response) => {
        response.writeHead(200).end(Buffer.concat([archive, archive]));
      }),
    /比说好的多/,
  ],
])('a server that gives %s is refused', async (_name, prepare, message) => {
  const { server, install, models } = await bench();
  prepare(server);
  await expect(install()).rejects.toThrow(message);
  expect(existsSync(join(models, 'toy-model'))).toBe(false);
});

test('a full disk is said before anything is downloaded', async () => {
  const { server, install } = await bench();
  await expect(install({ freeBytes: async () => 1_000 })).rejects.toThrow(/磁盘不够.*只剩 1 MB/);
  expect(server.ranges).toEqual([]);
});

test('a disk that becomes full ends the download at once, with its reason', async () => {
  const { server, install, models } = await bench();
  mkdirSync(models);
  symlinkSync('/dev/full', join(models, PART));
  await expect(install()).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(server.ranges).toHaveLength(1);
});

test('entries that lead out of the folder, links and subfolders are not unpacked', async () => {
  const hostile = await archiveOf([
    fileEntry('../evil.onnx', 'x'),
    fileEntry('/tmp/evil.onnx', 'x'),
    fileEntry('toy-model/../../evil.onnx', 'x'),
    fileEntry('toy-model/..', 'x'),
    { header: { name: 'toy-model/link.onnx', size: 0, type: 'symlink', linkname: '/etc/passwd' } },
    fileEntry('toy-model/test_wavs/model.onnx', 'x'),
    fileEntry('toy-model/run.sh', 'x'),
    ...toyModelEntries(),
  ]);
  const { install, models, dataDir } = await bench(hostile);
  const { folder } = await install({ model: { name: 'toy-model' } });
  expect(readdirSync(folder).sort()).toEqual(['model.onnx', 'tokens.txt']);
  expect([readdirSync(dataDir), leftovers(models)]).toEqual([['models'], []]);
});

test.each<[string, () => Promise<Uint8Array>, RegExp]>([
  ['no archive', async () => new TextEncoder().encode('<html>not found</html>'.repeat(40)), /解不开/],
  ['an archive that is cut', async () => archive.subarray(0, archive.length - 400), /解不开/],
  [
    'an archive without the model',
    () => archiveOf([fileEntry('toy-model/README.md', 'x')]),
    /没有 tokens\.txt/,
  ],
  [
    'a model of another kind',
    () => archiveOf([fileEntry('m/model.onnx', 'x'), fileEntry('m/tokens.txt', '<blk> 0\n')]),
    /不能用/,
  ],
])('%s is refused, and leaves no folder', async (_name, file, message) => {
  const { install, models } = await bench(await file());
  await expect(install({ model: { name: 'toy-model' } })).rejects.toThrow(message);
  expect(leftovers(models).filter((name) => name.startsWith('.unpacking'))).toEqual([]);
  expect(existsSync(join(models, 'toy-model'))).toBe(false);
});

test('given up while it is unpacked, nothing is left but the archive; the next run removes what a killed one has left', async () => {
  const { install, models, server } = await bench();
  const aborted = new AbortController();
  await expect(install({ signal: aborted.signal, onUnpack: () => aborted.abort() })).rejects.toThrow(
    '已中止',
  );
  expect(leftovers(models).sort()).toEqual([PART, `${PART}.json`]);
  mkdirSync(join(models, '.unpacking-old'));
  await install();
  expect([leftovers(models), server.ranges]).toEqual([[], [undefined, `bytes=${archive.length}-`]]);
});

test('an archive that somebody has downloaded is checked and kept', async () => {
  const { install, dataDir, server } = await bench();
  const file = join(dataDir, 'mine.tar.bz2');
  writeFileSync(file, archive);
  expect(await install({ from: { file } })).toMatchObject({ kind: 'zipformer2-ctc' });
  expect([existsSync(file), server.ranges]).toEqual([true, []]);
});
