import { expect, test } from 'vitest';
import { type ExportApi, writeExport } from './export-file.ts';

function phone(failure?: string) {
  const written = new Map<string, string>();
  const api: ExportApi = {
    env: { USER_DATA_PATH: 'wxfile://usr' },
    getFileSystemManager: () => ({
      writeFile({ filePath, data, success, fail }) {
        if (failure !== undefined) return fail({ errMsg: failure });
        written.set(filePath, data);
        success();
      },
    }),
  };
  return { api, written };
}

test('the same export overwrites its earlier file, so that files do not pile up', async () => {
  const { api, written } = phone();
  const path = await writeExport({ content: '一', format: 'srt', sessionId: 'session-1' }, api);
  await writeExport({ content: '二', format: 'srt', sessionId: 'session-1' }, api);
  expect([...written]).toEqual([[path, '二']]);
  expect(path).toBe('wxfile://usr/export-session-1.srt');
});

test('a full phone is told, not hidden', async () => {
  const { api } = phone('writeFile:fail the maximum size of the file storage limit is exceeded');
  await expect(writeExport({ content: '一', format: 'txt', sessionId: 'session-1' }, api)).rejects.toThrow(
    'limit',
  );
});
