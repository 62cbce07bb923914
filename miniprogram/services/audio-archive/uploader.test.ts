import { LocalError } from 'cloudbase-voice';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import { flushPromises } from '../../../lib/fake-clock.ts';
import { FakeUploads, type StartedUpload } from '../testing/fake-uploads.ts';
import { AUDIO_UPLOAD } from './retry-rules.ts';
import { ArchiveRig } from './testing/archive-rig.ts';
import { UploadNotes } from './upload-notes.ts';
import { AudioUploader } from './uploader.ts';

type Names = { sessionId: string; names: string[]; fileIDs: string[] };

/** A phone with recordings of so many seconds, and the service with the storage that they are uploaded to. */
async function rig(recordings: Record<string, number>) {
  const phone = new ArchiveRig();
  for (const [id, seconds] of Object.entries(recordings)) await phone.place(id, seconds);
  const uploads = new FakeUploads();
  for (const [name, bytes] of phone.store.files) uploads.files.set(`path/${name}`, bytes);
  const service = {
    /** Names of the files that are kept. */
    kept: new Set<string>(),
    records: new Set(Object.keys(recordings)),
    calls: [] as string[],
    failures: [] as Error[],
    removals: [] as { done: boolean; files: number }[],
  };
  const state = { may: true };
  const history = async (action: string, { sessionId, names, fileIDs }: Names) => {
    service.calls.push(action);
    const failure = service.failures.shift();
    if (failure) throw failure;
    if (action === 'removeAllAudio') return service.removals.shift() ?? { done: true, files: 0 };
    if (!service.records.has(sessionId)) throw new VoiceError('NOT_FOUND');
    if (action === 'prepareAudio')
      return {
        files: names.map((name) => ({ name, cloudPath: `voice/o/${name}`, kept: service.kept.has(name) })),
      };
    for (const id of fileIDs) service.kept.add(id.replace('cloud://voice/o/', ''));
    return {};
  };
  const newUploader = () =>
    new AudioUploader({
      archive: phone.archive,
      cloud: { history: history as never },
      uploads,
      pathOf: (name) => `path/${name}`,
      notes: new UploadNotes(phone.storage),
      clock: phone.clock,
      random: () => 0.5,
      mayUpload: async () => state.may,
    });
  let seen = 0;
  /** The next file that is being uploaded. */
  const next = async (): Promise<StartedUpload> => {
    for (let i = 0; i < 20 && uploads.started.length === seen; i++) await flushPromises();
    const upload = uploads.started[seen++];
    if (upload === undefined) throw new Error('nothing is uploaded');
    return upload;
  };
  const finish = (upload: StartedUpload) => upload.resolve(`cloud://${upload.cloudPath}`);
  /** Lets files arrive until the run is over. @returns their names */
  const arrive = async (run: Promise<void>): Promise<string[]> => {
    const from = seen;
    let over = false;
    void run.then(() => {
      over = true;
    });
    while (!over) {
      await flushPromises();
      for (const upload of uploads.started.slice(seen)) {
        seen += 1;
        finish(upload);
      }
    }
    return uploads.started.slice(from).map(({ cloudPath }) => cloudPath.replace('voice/o/', ''));
  };
  const stored = () => [...phone.store.files.keys()];
  return { phone, uploads, service, state, newUploader, next, finish, arrive, stored };
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

test('uploads every file, the newest recording first, one after the other, and reports them', async () => {
  const { service, newUploader, next, finish, arrive, stored, uploads } = await rig({ old: 40, new: 60 });
  const run = newUploader().run();
  const first = await next();
  await flushPromises();
  expect(uploads.started).toHaveLength(1);
  finish(first);
  await arrive(run);
  expect(uploads.started.map(({ filePath }) => filePath.split('.')[0])).toEqual([
    'path/new',
    'path/new',
    'path/old',
    'path/old',
  ]);
  expect([...service.kept].sort()).toEqual(stored().sort());
});

test('a long recording is prepared in parts', async () => {
  const { service, newUploader, arrive } = await rig({ long: 45 * 30 });
  expect(await arrive(newUploader().run())).toHaveLength(45);
  expect(service.calls).toEqual(Array(3).fill(['prepareAudio', 'keepAudio']).flat());
});

test('what is uploaded is not asked about again, and goes up where the recording has grown', async () => {
  const { phone, service, newUploader, arrive, uploads } = await rig({ one: 30 });
  await arrive(newUploader().run());
  service.calls = [];
  await arrive(newUploader().run());
  expect(service.calls).toEqual([]);
  await phone.record('one', 30, 30);
  for (const [name, bytes] of phone.store.files) uploads.files.set(`path/${name}`, bytes);
  expect(await arrive(newUploader().run())).toHaveLength(1);
  expect(service.kept.size).toBe(2);
});

test('after the app was ended only what is missing is uploaded', async () => {
  const { newUploader, next, finish, arrive, service, stored } = await rig({ one: 21 * 30 });
  // the app ends, with it the promise
  void newUploader().run();
  for (let i = 0; i < 20; i++) finish(await next());
  await next();
  await flushPromises();
  expect(service.kept.size).toBe(20);
  expect(await arrive(newUploader().run())).toHaveLength(1);
  expect(service.kept.size).toBe(stored().length);
});

test('a recording that ends meanwhile is uploaded, too, and one that still grows is not', async () => {
  const { phone, uploads, service, newUploader, next, finish, arrive } = await rig({ one: 30 });
  const uploader = newUploader();
  const run = uploader.run();
  const first = await next();
  const open = phone.archive.open('open', 16_000);
  open?.append(0, new ArrayBuffer(32_000));
  await open?.flush();
  await phone.place('two', 30);
  service.records.add('two').add('open');
  for (const [name, bytes] of phone.store.files) uploads.files.set(`path/${name}`, bytes);
  void uploader.run();
  finish(first);
  await arrive(run);
  expect([...service.kept].map((name) => name.split('.')[0])).toEqual(['one', 'two']);
});

describe('it stops', () => {
  test('where it may not upload, before the next file', async () => {
    const { service, state, newUploader, next, finish, arrive } = await rig({ one: 60 });
    state.may = false;
    await newUploader().run();
    expect(service.calls).toEqual([]);
    state.may = true;
    const run = newUploader().run();
    const first = await next();
    state.may = false;
    finish(first);
    expect(await arrive(run)).toEqual([]);
    expect(service.calls).toEqual(['prepareAudio']);
  });

  test('in the middle of a file, and in the wait for another attempt', async () => {
    const { uploads, newUploader, next, phone } = await rig({ one: 60 });
    const uploader = newUploader();
    const run = uploader.run();
    const first = await next();
    void uploader.stop();
    expect(first.aborted).toBe(true);
    first.reject(new Error('abort'));
    await run;
    void uploader.run();
    (await next()).reject(new Error('uploadFile:fail'));
    await flushPromises();
    await uploader.stop();
    expect(phone.clock.pending).toBe(0);
    expect(uploads.started).toHaveLength(2);
  });
});

describe('after a failure', () => {
  test('it tries again with growing waits, and gives up until the next run', async () => {
    const { phone, uploads, service, newUploader, next, arrive } = await rig({ one: 30, two: 30 });
    const run = newUploader().run();
    for (let attempt = 0; attempt < AUDIO_UPLOAD.ATTEMPTS; attempt++) {
      (await next()).reject({ errMsg: 'uploadFile:fail' });
      await flushPromises();
      await phone.clock.advance(AUDIO_UPLOAD.BACKOFF.firstMs * 2 ** attempt);
    }
    await run;
    expect(uploads.started).toHaveLength(AUDIO_UPLOAD.ATTEMPTS);
    expect(await arrive(newUploader().run())).toHaveLength(2);
    expect(service.kept.size).toBe(2);
  });

  test('a file that never arrives is given up, and begun again', async () => {
    const { phone, newUploader, next, finish, arrive } = await rig({ one: 30 });
    const run = newUploader().run();
    const first = await next();
    await phone.clock.advance(AUDIO_UPLOAD.WAIT_MS + AUDIO_UPLOAD.BACKOFF.firstMs);
    expect(first.aborted).toBe(true);
    finish(await next());
    await arrive(run);
  });

  test.each(['NOT_FOUND', 'TOO_LARGE'] as ErrorCode[])(
    'of one record (%s) the others are uploaded',
    async (code) => {
      const { service, newUploader, arrive } = await rig({ one: 30, two: 30 });
      service.failures = [new VoiceError(code)];
      expect((await arrive(newUploader().run())).map((name) => name.split('.')[0])).toEqual(['one']);
      // a record that was not there yet is asked for again, one that the service does not take is not
      service.calls = [];
      await arrive(newUploader().run());
      expect(service.calls).toEqual(code === 'NOT_FOUND' ? ['prepareAudio', 'keepAudio'] : []);
    },
  );

  test('of the network the report is repeated', async () => {
    const { phone, service, newUploader, next, finish, arrive } = await rig({ one: 30 });
    const run = newUploader().run();
    const file = await next();
    service.failures = [new LocalError('NETWORK')];
    finish(file);
    for (let i = 0; i < 5; i++) await flushPromises();
    await phone.clock.advance(AUDIO_UPLOAD.BACKOFF.firstMs);
    await arrive(run);
    expect(service.calls).toEqual(['prepareAudio', 'keepAudio', 'keepAudio']);
  });
});

test('what was deleted in the cloud is not uploaded again', async () => {
  const { phone, service, newUploader, arrive } = await rig({ one: 30 });
  service.removals = [
    { done: false, files: 50 },
    { done: false, files: 0 },
    { done: true, files: 0 },
  ];
  await newUploader().removeAll();
  expect(await arrive(newUploader().run())).toEqual([]);
  service.removals = Array(9).fill({ done: false, files: 0 });
  await expect(newUploader().removeAll()).rejects.toThrow();
  // notes of what is gone from the phone go, too
  await phone.archive.removeAll();
  await newUploader().run();
  expect(phone.storage.getStorageSync('audio-uploads')).toEqual([]);
});

test('damaged notes are taken for none', async () => {
  const { phone, newUploader, arrive } = await rig({ one: 30 });
  for (const damage of ['text', 7, null, [['one']], [null]]) {
    phone.storage.setStorageSync('audio-uploads', damage);
    await arrive(newUploader().run());
  }
  expect(new UploadNotes(phone.storage).has('one', 1)).toBe(true);
});
