import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { wxUploads } from './wx-uploads.ts';

type Option = {
  filePath?: string;
  dirPath?: string;
  data?: ArrayBuffer;
  encoding?: string;
  cloudPath?: string;
  config?: { env: string };
  success(result: object): void;
  fail(error: object): void;
};

/** The part of `wx` that uploads use, as strict as WeChat about folders and files that are not there. */
function fakeWx() {
  const folders = new Set<string>();
  const files = new Map<string, ArrayBuffer>();
  const uploads: Option[] = [];
  const settle = ({ success, fail }: Option, found: boolean, result: object = {}) =>
    void Promise.resolve().then(() => (found ? success(result) : fail({ errMsg: 'fail no such file' })));
  const removeFolder = (path: string) => {
    for (const file of files.keys()) if (file.startsWith(`${path}/`)) files.delete(file);
    return folders.delete(path);
  };
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/'));
  const manager = {
    rmdir: (o: Option) => settle(o, removeFolder(o.dirPath ?? '')),
    mkdir: (o: Option) => settle(o, Boolean(folders.add(o.dirPath ?? ''))),
    writeFile(o: Option) {
      const there = folders.has(parentOf(o.filePath ?? ''));
      if (there) files.set(o.filePath ?? '', o.data ?? new ArrayBuffer(0));
      settle(o, there);
    },
    unlink: (o: Option) => settle(o, files.delete(o.filePath ?? '')),
    readFile(o: Option) {
      const bytes = files.get(o.filePath ?? '');
      const data = bytes && Buffer.from(bytes).toString(o.encoding as 'base64');
      settle(o, bytes !== undefined, { data });
    },
  };
  let onProgress = (_: { progress: number }): void => {};
  const task = {
    abort: vi.fn(),
    onProgressUpdate: (fn: typeof onProgress) => {
      onProgress = fn;
    },
  };
  const wx = {
    env: { USER_DATA_PATH: 'wxfile://usr' },
    getFileSystemManager: () => manager,
    cloud: {
      init: vi.fn(),
      uploadFile(option: Option) {
        uploads.push(option);
        return task;
      },
    },
  };
  return { wx, files, folders, uploads, task, progress: (progress: number) => onProgress({ progress }) };
}

let phone: ReturnType<typeof fakeWx>;
beforeEach(() => {
  phone = fakeWx();
  vi.stubGlobal('wx', phone.wx);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test('a temporary file lies in a folder of its own until it is removed', async () => {
  const uploads = wxUploads(() => '');
  const path = await uploads.write('a.wav', Uint8Array.of(1, 2, 3).buffer);
  expect(path).toBe('wxfile://usr/oneshot-upload/a.wav');
  expect(await uploads.readBase64(path)).toBe('AQID');
  await uploads.write('b.wav', new ArrayBuffer(1));
  await uploads.remove(path);
  expect([...phone.files.keys()]).toEqual(['wxfile://usr/oneshot-upload/b.wav']);
});

test('what an app that was killed left behind goes with the next run’s first file', async () => {
  phone.folders.add('wxfile://usr/oneshot-upload');
  phone.files.set('wxfile://usr/oneshot-upload/old.wav', new ArrayBuffer(1));
  const path = await wxUploads(() => '').write('new.wav', new ArrayBuffer(1));
  expect([...phone.files.keys()]).toEqual([path]);
});

test('an upload goes to the environment of the settings, reports its progress and can be aborted', async () => {
  const percents: number[] = [];
  const upload = wxUploads(() => 'env-uploads').start('voice/o/a.wav', 'tmp/a', (p) => percents.push(p));
  expect(phone.wx.cloud.init).toHaveBeenCalledWith({ env: 'env-uploads' });
  const [option] = phone.uploads;
  expect(option).toMatchObject({
    cloudPath: 'voice/o/a.wav',
    filePath: 'tmp/a',
    config: { env: 'env-uploads' },
  });
  phone.progress(30);
  expect(percents).toEqual([30]);
  upload.abort();
  expect(phone.task.abort).toHaveBeenCalled();
  option?.success({ fileID: 'cloud://f' });
  expect(await upload.done).toBe('cloud://f');
});

test('an upload that the platform refuses rejects with its words', async () => {
  const upload = wxUploads(() => '').start('a', 'b', () => {});
  const refused = expect(upload.done).rejects.toEqual({ errMsg: 'uploadFile:fail' });
  phone.uploads[0]?.fail({ errMsg: 'uploadFile:fail' });
  await refused;
});

test('without cloud development an upload fails with that code', async () => {
  vi.stubGlobal('wx', {});
  const upload = wxUploads(() => '').start('a', 'b', () => {});
  await expect(upload.done).rejects.toMatchObject({ code: 'CLOUD_NOT_READY' });
  upload.abort();
});
