import { afterEach, expect, test, vi } from 'vitest';
import { wxDownloads } from './wx-downloads.ts';

type Option = {
  fileID?: string;
  filePath?: string;
  config?: { env: string };
  success(result: object): void;
  fail(error: object): void;
};

function stubWx() {
  const started: Option[] = [];
  const task = { abort: vi.fn(), onProgressUpdate: vi.fn() };
  const unlink = vi.fn();
  const readFile = ({ filePath, success }: Option) =>
    success({ data: new ArrayBuffer(filePath?.length ?? 0) });
  const downloadFile = (option: Option) => {
    started.push(option);
    return task;
  };
  vi.stubGlobal('wx', {
    cloud: { init: vi.fn(), downloadFile },
    getFileSystemManager: () => ({ readFile, unlink }),
  });
  return { started, task, unlink };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test('a file is downloaded by its id from the environment of the settings, and can be aborted', async () => {
  const { started, task, unlink } = stubWx();
  const downloads = wxDownloads(() => 'env-downloads');
  const percents: number[] = [];
  const download = downloads.start('cloud://f', (percent) => percents.push(percent));
  expect(started[0]).toMatchObject({ fileID: 'cloud://f', config: { env: 'env-downloads' } });
  task.onProgressUpdate.mock.calls[0]?.[0]({ progress: 40 });
  download.abort();
  expect([percents, task.abort.mock.calls.length]).toEqual([[40], 1]);
  started[0]?.success({ tempFilePath: 'tmp/x' });
  expect(await download.done).toBe('tmp/x');
  expect((await downloads.read('tmp/x')).byteLength).toBe(5);
  downloads.remove('tmp/x');
  expect(unlink).toHaveBeenCalledWith(expect.objectContaining({ filePath: 'tmp/x' }));
});

test('a download that the platform refuses rejects with its words, also without cloud development', async () => {
  const { started } = stubWx();
  const { done } = wxDownloads(() => '').start('cloud://f', () => {});
  started[0]?.fail({ errMsg: 'downloadFile:fail' });
  await expect(done).rejects.toEqual({ errMsg: 'downloadFile:fail' });
  vi.stubGlobal('wx', {});
  const without = wxDownloads(() => '').start('cloud://f', () => {});
  await expect(without.done).rejects.toMatchObject({ code: 'CLOUD_NOT_READY' });
});
