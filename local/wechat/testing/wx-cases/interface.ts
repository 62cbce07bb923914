import { expect } from 'vitest';
import type { Cases } from './case.ts';

export const interfaceCases: Cases = {
  'showToast hideToast': async ({ app }) => {
    await app.evaluate(() => wx.showToast({ title: '已保存', icon: 'none', duration: 60_000 }));
    expect(await app.getByRole('status').textContent()).toBe('已保存');
    await app.evaluate(() => wx.hideToast());
    expect(await app.getByRole('status').count()).toBe(0);
  },
  'showLoading hideLoading': async ({ app }) => {
    await app.evaluate(() => wx.showLoading({ title: '加载中' }));
    expect(await app.getByRole('status').textContent()).toBe('加载中');
    await app.evaluate(() => wx.hideLoading());
    expect(await app.getByRole('status').count()).toBe(0);
  },
  showModal: async ({ app }) => {
    const answer = app.evaluate(() => wx.showModal({ title: '删除？', content: '<b>可撤销</b>' }));
    expect(await app.getByRole('dialog').textContent()).toContain('<b>可撤销</b>');
    await app.getByRole('button', { name: '确定' }).click();
    expect(await answer).toMatchObject({ confirm: true, cancel: false });
    const typed = app.evaluate(() =>
      wx.showModal({ title: '标题', editable: true, placeholderText: '新标题' }),
    );
    await app.getByPlaceholder('新标题').fill('会议');
    await app.getByRole('button', { name: '确定' }).click();
    expect(await typed).toMatchObject({ confirm: true, content: '会议' });
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
  'setClipboardData getClipboardData': async ({ app }) => {
    await app.evaluate(() => wx.setClipboardData({ data: '一句话' }));
    expect(await app.evaluate(() => wx.getClipboardData())).toMatchObject({ data: '一句话' });
    expect(await app.getByRole('status').textContent()).toContain('内容已复制');
  },
  hideKeyboard: async ({ app }) => {
    await app.locator('#word').last().focus();
    await app.evaluate(() => wx.hideKeyboard());
    expect(await app.evaluate(() => document.activeElement?.localName)).toBe('body');
  },
  'vibrateShort vibrateLong': async ({ app }) => {
    expect(await app.evaluate(() => wx.vibrateShort({ type: 'light' }))).toEqual({
      errMsg: 'vibrateShort:ok',
    });
    expect(await app.evaluate(() => wx.vibrateLong())).toEqual({ errMsg: 'vibrateLong:ok' });
  },
  previewImage: async ({ app, page }) => {
    const opened = page.context().waitForEvent('page');
    await app.evaluate(() => wx.previewImage({ urls: ['/images/dot.png'] }));
    const preview = await opened;
    await preview.waitForURL('**/images/dot.png');
    await preview.close();
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
  'removeStorageSync clearStorageSync getStorageInfoSync removeStorage clearStorage getStorageInfo': async ({
    app,
  }) => {
    const keys = await app.evaluate(async () => {
      wx.clearStorageSync();
      wx.setStorageSync('a', 1);
      wx.setStorageSync('b', 2);
      wx.setStorageSync('c', 3);
      wx.removeStorageSync('a');
      await wx.removeStorage({ key: 'b' });
      return { sync: wx.getStorageInfoSync().keys, later: (await wx.getStorageInfo()).keys };
    });
    expect(keys).toEqual({ sync: ['c'], later: ['c'] });
    const cleared = await app.evaluate(async () => {
      await wx.clearStorage();
      return wx.getStorageInfoSync().keys;
    });
    expect(cleared).toEqual([]);
  },
  'setStorage getStorage': async ({ app }) => {
    const read = await app.evaluate(async () => {
      await wx.setStorage({ key: 'later', data: [1] });
      return (await wx.getStorage({ key: 'later' })).data as number[];
    });
    expect(read).toEqual([1]);
    const missing = await app.evaluate(() => wx.getStorage({ key: 'none' }).catch((error) => error.errMsg));
    expect(missing).toBe('getStorage:fail data not found');
  },
  'arrayBufferToBase64 base64ToArrayBuffer': async ({ app }) => {
    const there = await app.evaluate(() => wx.arrayBufferToBase64(new Uint8Array([0, 255, 16]).buffer));
    expect(there).toBe('AP8Q');
    const back = await app.evaluate(() => [...new Uint8Array(wx.base64ToArrayBuffer('AP8Q'))]);
    expect(back).toEqual([0, 255, 16]);
  },
  env: async ({ app }) => {
    expect(await app.evaluate(() => wx.env.USER_DATA_PATH)).toMatch(/^wxfile:/);
  },
  'env.USER_DATA_PATH': async ({ app }) => {
    const refused = await app.evaluate(() => {
      try {
        wx.getFileSystemManager().writeFileSync('/etc/x', 'x');
        return '';
      } catch (error) {
        return String(error);
      }
    });
    expect(refused).toContain('permission denied');
  },
  getFileSystemManager: async ({ app }) => {
    const result = await app.evaluate(async () => {
      const files = wx.getFileSystemManager();
      const path = `${wx.env.USER_DATA_PATH}/a.txt`;
      const call = <T>(
        run: (options: { success: (value: T) => void; fail: (error: unknown) => void }) => void,
      ) => new Promise<T>((success, fail) => run({ success, fail }));
      await call((options) =>
        files.writeFile({ filePath: path, data: '你好', encoding: 'utf8', ...options }),
      );
      await call((options) => files.access({ path, ...options }));
      const { size } = await call<{ size: number }>((options) =>
        files.getFileInfo({ filePath: path, ...options } as never),
      );
      const bytes = files.readFileSync(path) as ArrayBuffer;
      files.writeFileSync(path, bytes.slice(0, 3));
      const text = files.readFileSync(path, 'utf8');
      const base64 = files.readFileSync(path, 'base64');
      const folder = `${wx.env.USER_DATA_PATH}/deep/er`;
      const early = await call((options) =>
        files.writeFile({ filePath: `${folder}/b`, data: 'b', ...options }),
      ).catch((error) => error.errMsg);
      await call((options) => files.mkdir({ dirPath: folder, recursive: true, ...options }));
      files.writeFileSync(`${folder}/b`, 'b', 'utf8');
      const nested = files.readdirSync(`${wx.env.USER_DATA_PATH}/deep`);
      await call((options) =>
        files.rmdir({ dirPath: `${wx.env.USER_DATA_PATH}/deep`, recursive: true, ...options }),
      );
      const list = files.readdirSync(wx.env.USER_DATA_PATH);
      await call((options) => files.unlink({ filePath: path, ...options }));
      const gone = await call((options) => files.readFile({ filePath: path, ...options })).catch(
        (error) => error.errMsg,
      );
      return { size, text, base64, list, gone, early, nested };
    });
    expect(result).toMatchObject({ size: 6, text: '你', base64: '5L2g', list: ['a.txt'] });
    expect(result.nested).toEqual(['er']);
    expect(result.early).toContain('no such file or directory');
    expect(result.gone).toContain('readFile:fail no such file or directory');
  },
  'shareFileMessage openDocument': async ({ app, page }) => {
    const started = page.waitForEvent('download');
    await app.evaluate(() => {
      const path = `${wx.env.USER_DATA_PATH}/会议.txt`;
      wx.getFileSystemManager().writeFileSync(path, '内容', 'utf8');
      return wx.shareFileMessage({ filePath: path });
    });
    expect((await started).suggestedFilename()).toBe('会议.txt');
    const again = page.waitForEvent('download');
    await app.evaluate(() => wx.openDocument({ filePath: `${wx.env.USER_DATA_PATH}/会议.txt` }));
    expect((await again).suggestedFilename()).toBe('会议.txt');
  },
  chooseMessageFile: async ({ app, page }) => {
    const chooser = page.waitForEvent('filechooser');
    const chosen = app.evaluate(async () => {
      const { tempFiles } = await wx.chooseMessageFile({ count: 1, type: 'file', extension: ['wav'] });
      const [file] = tempFiles;
      if (file === undefined) throw new Error('nothing chosen');
      return { ...file, text: wx.getFileSystemManager().readFileSync(file.path, 'utf8') };
    });
    await (await chooser).setFiles({ name: 'a.wav', mimeType: 'audio/wav', buffer: Buffer.from('RIFF') });
    expect(await chosen).toMatchObject({ name: 'a.wav', size: 4, text: 'RIFF' });
  },
};
