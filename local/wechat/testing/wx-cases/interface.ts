import { expect } from 'vitest';
import type { CaseContext, Cases } from './case.ts';

type FileMethod = 'writeFile' | 'readFile' | 'access' | 'unlink' | 'readdir' | 'mkdir' | 'rmdir';

/** Calls a method of the file system manager. @returns what it gave to `success` or `fail` */
const fileCall = (app: CaseContext['app'], method: FileMethod, options: object): Promise<unknown> =>
  app.evaluate(
    ([name, given]) =>
      new Promise((resolve) => {
        const files = wx.getFileSystemManager() as unknown as Record<string, (options: object) => void>;
        files[name]?.({ ...given, complete: resolve });
      }),
    [method, options] as const,
  );

export const interfaceCases: Cases = {
  showToast: async ({ app }) => {
    await app.evaluate(() => wx.showToast({ title: '已保存', icon: 'none', duration: 60_000 }));
    expect(await app.getByRole('status').textContent()).toBe('已保存');
    await app.evaluate(() => wx.showToast({ title: '再见', icon: 'none', duration: 1 }));
    await expect.poll(() => app.getByRole('status').count()).toBe(0);
  },
  showModal: async ({ app }) => {
    const answer = app.evaluate(() => wx.showModal({ title: '删除？', content: '<b>可撤销</b>' }));
    expect(await app.getByRole('dialog').textContent()).toContain('<b>可撤销</b>');
    await app.getByRole('button', { name: '确定' }).click();
    expect(await answer).toMatchObject({ confirm: true, cancel: false });
    const told = app.evaluate(() => wx.showModal({ content: '只有一个按钮', showCancel: false }));
    expect(await app.getByRole('button', { name: '取消' }).count()).toBe(0);
    await app.getByRole('button', { name: '确定' }).click();
    expect(await told).toMatchObject({ confirm: true });
    const refused = await app.evaluate(() =>
      wx.showModal({ confirmText: '这个太长了' }).catch((error) => error.errMsg),
    );
    expect(refused).toContain('showModal:fail confirmText length');
  },
  showActionSheet: async ({ app }) => {
    const answer = app.evaluate(() => wx.showActionSheet({ itemList: ['TXT', 'SRT'] }));
    await app.getByRole('button', { name: 'SRT' }).click();
    expect(await answer).toMatchObject({ tapIndex: 1 });
    const cancelled = app.evaluate(() => wx.showActionSheet({ itemList: ['TXT'] }).catch((error) => error));
    await app.getByRole('button', { name: '取消' }).click();
    expect(await cancelled).toEqual({ errMsg: 'showActionSheet:fail cancel' });
  },
  setClipboardData: async ({ app, host }) => {
    await host((controls) => controls.setPrivacy({ declared: ['Record'] }));
    const refused = await app.evaluate(() => wx.setClipboardData({ data: '一句话' }).catch((error) => error));
    expect(refused).toEqual({
      errMsg: 'setClipboardData:fail api scope is not declared in the privacy agreement',
      errno: 112,
    });
    await host((controls) => controls.setPrivacy({ declared: ['Record', 'Clipboard', 'MessageFile'] }));
    const copied = await app.evaluate(async () => {
      const written: string[] = [];
      navigator.clipboard.writeText = async (text) => void written.push(text);
      await wx.setClipboardData({ data: '一句话' });
      return written;
    });
    expect(copied).toEqual(['一句话']);
    expect(await app.getByRole('status').textContent()).toContain('内容已复制');
  },
  getStorageSync: async ({ app }) => {
    expect(await app.evaluate(() => wx.getStorageSync('missing'))).toBe('');
  },
  setStorageSync: async ({ app }) => {
    const value = await app.evaluate(() => {
      wx.setStorageSync('key', { deep: [1, '二'] });
      return wx.getStorageSync('key');
    });
    expect(value).toEqual({ deep: [1, '二'] });
  },
  setStorage: async ({ app }) => {
    const value = await app.evaluate(async () => {
      await wx.setStorage({ key: 'later', data: [1] });
      return wx.getStorageSync('later');
    });
    expect(value).toEqual([1]);
  },
  env: async ({ app }) => {
    expect(await app.evaluate(() => wx.env.USER_DATA_PATH)).toMatch(/^wxfile:/);
  },
  'env.USER_DATA_PATH': async ({ app }) => {
    const refused = await fileCall(app, 'writeFile', { filePath: '/etc/x', data: 'x' });
    expect(refused).toMatchObject({ errMsg: expect.stringContaining('permission denied') });
  },
  getFileSystemManager: async ({ app }) => {
    const root = await app.evaluate(() => wx.env.USER_DATA_PATH);
    const path = `${root}/a.txt`;
    const folder = `${root}/deep/er`;
    const call = (method: FileMethod, options: object) => fileCall(app, method, options);
    await call('writeFile', { filePath: path, data: '你好', encoding: 'utf8' });
    expect(await call('access', { path })).toEqual({ errMsg: 'access:ok' });
    expect(await call('readFile', { filePath: path, encoding: 'utf8' })).toMatchObject({ data: '你好' });
    await app.evaluate(
      (filePath) =>
        new Promise((complete) => {
          const data = new TextEncoder().encode('你').buffer;
          wx.getFileSystemManager().writeFile({ filePath, data, complete });
        }),
      path,
    );
    expect(await call('readFile', { filePath: path, encoding: 'utf8' })).toMatchObject({ data: '你' });
    expect(await call('readFile', { filePath: path, encoding: 'base64' })).toMatchObject({ data: '5L2g' });
    await call('writeFile', { filePath: path, data: '5aW9', encoding: 'base64' });
    expect(await call('readFile', { filePath: path, encoding: 'utf8' })).toMatchObject({ data: '好' });
    const early = await call('writeFile', { filePath: `${folder}/b`, data: 'b' });
    expect(early).toMatchObject({ errMsg: expect.stringContaining('no such file or directory') });
    await call('mkdir', { dirPath: folder, recursive: true });
    await call('writeFile', { filePath: `${folder}/b`, data: 'b' });
    expect(await call('readdir', { dirPath: `${root}/deep` })).toMatchObject({ files: ['er'] });
    await call('rmdir', { dirPath: `${root}/deep`, recursive: true });
    expect(await call('readdir', { dirPath: root })).toMatchObject({ files: ['a.txt'] });
    await call('unlink', { filePath: path });
    expect(await call('readFile', { filePath: path })).toMatchObject({
      errMsg: expect.stringContaining('readFile:fail no such file or directory'),
    });
  },
  shareFileMessage: async ({ app, page }) => {
    const filePath = `${await app.evaluate(() => wx.env.USER_DATA_PATH)}/会议.txt`;
    await fileCall(app, 'writeFile', { filePath, data: '内容', encoding: 'utf8' });
    const started = page.waitForEvent('download');
    await app.evaluate((path) => wx.shareFileMessage({ filePath: path }), filePath);
    expect((await started).suggestedFilename()).toBe('会议.txt');
  },
  chooseMessageFile: async ({ app, page, host }) => {
    await host((controls) => controls.setPrivacy({ declared: ['Clipboard'] }));
    const refused = await app.evaluate(() =>
      wx.chooseMessageFile({ count: 1 }).catch((error: { errno?: number }) => error.errno),
    );
    expect(refused).toBe(112);
    await host((controls) => controls.setPrivacy({ declared: ['Record', 'Clipboard', 'MessageFile'] }));
    const chooser = page.waitForEvent('filechooser');
    const chosen = app.evaluate(async () => {
      const { tempFiles } = await wx.chooseMessageFile({ count: 1, type: 'file', extension: ['wav'] });
      const [file] = tempFiles;
      if (file === undefined) throw new Error('nothing chosen');
      return file;
    });
    await (await chooser).setFiles({ name: 'a.wav', mimeType: 'audio/wav', buffer: Buffer.from('RIFF') });
    expect(await chosen).toMatchObject({ name: 'a.wav', size: 4 });
    const read = await fileCall(app, 'readFile', { filePath: (await chosen).path, encoding: 'utf8' });
    expect(read).toMatchObject({ data: 'RIFF' });
  },
};
