import { expect, test } from 'vitest';
import { type ExportApi, writeExport } from './export-file.ts';

function phone(failure?: string) {
  const written = new Map<string, string>();
  const api: ExportApi = {
    env: { USER_DATA_PATH: 'wxfile://usr' },
    getFileSystemManager: () => ({
      writeFile({ filePath, data, encoding, success, fail }) {
        if (failure !== undefined) return fail({ errMsg: failure });
        written.set(filePath, `${encoding}:${data}`);
        success();
      },
    }),
  };
  return { api, written };
}

test('the same export overwrites its earlier file, so that files do not pile up', async () => {
  const { api, written } = phone();
  const path = await writeExport(
    { content: '一', encoding: 'utf8', format: 'srt', sessionId: 'session-1' },
    api,
  );
  await writeExport({ content: '二', encoding: 'utf8', format: 'srt', sessionId: 'session-1' }, api);
  expect([...written]).toEqual([[path, 'utf8:二']]);
  expect(path).toBe('wxfile://usr/export-session-1.srt');
});

test('the bytes of a file are written as such', async () => {
  const { api, written } = phone();
  await writeExport({ content: 'UEs=', encoding: 'base64', format: 'docx', sessionId: 'session-1' }, api);
  expect([...written]).toEqual([['wxfile://usr/export-session-1.docx', 'base64:UEs=']]);
});

test('a full phone is told, not hidden', async () => {
  const { api } = phone('writeFile:fail the maximum size of the file storage limit is exceeded');
  await expect(
    writeExport({ content: '一', encoding: 'utf8', format: 'txt', sessionId: 'session-1' }, api),
  ).rejects.toThrow('limit');
});
