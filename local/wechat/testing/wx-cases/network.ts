import { expect } from 'vitest';
import type { CaseContext, Cases } from './case.ts';

/** Opens a socket through `wx.cloud.connectContainer`, keeps it as `globalThis.task`, and logs its events. */
const openSocket = ({ app }: CaseContext): Promise<void> =>
  app.evaluate(async () => {
    const scope = globalThis as unknown as { task: WechatMiniprogram.SocketTask; log: unknown[] };
    wx.cloud.init();
    const { socketTask } = await wx.cloud.connectContainer({
      config: { env: 'e' },
      service: 'realtime-voice',
      path: '/socket?sid=1',
      header: { 'X-Extra': 'yes' },
    });
    scope.task = socketTask;
    scope.log = [];
    socketTask.onMessage(({ data }) => scope.log.push(typeof data === 'string' ? data : data.byteLength));
    socketTask.onError(({ errMsg }) => scope.log.push(errMsg));
    socketTask.onClose(({ code }) => scope.log.push(code));
    await new Promise<void>((resolve) => socketTask.onOpen(() => resolve()));
  });

const log = ({ app }: CaseContext): Promise<unknown[]> =>
  app.evaluate(() => (globalThis as unknown as { log: unknown[] }).log);

const newest = ({ cloud }: CaseContext) => {
  const last = cloud.sockets.at(-1);
  if (last === undefined) throw new Error('no socket came');
  return last;
};

/** With callbacks there is a task: it reports the progress, and an aborted upload fails. */
const uploadWithTask = async (app: CaseContext['app'], cloud: CaseContext['cloud']): Promise<void> => {
  const upload = (abort: boolean): Promise<unknown> =>
    app.evaluate(
      (breakOff) =>
        new Promise((resolve) => {
          const percents: number[] = [];
          const task = wx.cloud.uploadFile({
            cloudPath: 'voice/y.wav',
            filePath: `${wx.env.USER_DATA_PATH}/x.wav`,
            success: ({ fileID }) => resolve({ fileID, last: percents.at(-1) }),
            fail: ({ errMsg }) => resolve(errMsg),
          });
          task.onProgressUpdate(({ progress }) => percents.push(progress));
          if (breakOff) task.abort();
        }),
      abort,
    );
  cloud.answer = { status: 200, body: { fileID: 'cloud://e/y.wav' } };
  expect(await upload(false)).toEqual({ fileID: 'cloud://e/y.wav', last: 100 });
  expect(await upload(true)).toBe('cloud.uploadFile:fail abort');
  cloud.answer = { status: 500, body: { code: 'X', message: 'refused' } };
  expect(await upload(false)).toBe('cloud.uploadFile:fail HTTP 500');
  cloud.answer = { status: 200, body: { result: { ok: true } } };
};

export const networkCases: Cases = {
  cloud: async ({ app }) => expect(await app.evaluate(() => Object.keys(wx.cloud))).toContain('callFunction'),
  'cloud.init': async ({ app }) => {
    await app.evaluate(() => wx.cloud.init({ env: 'e' }));
    expect(await app.evaluate(async () => (await wx.cloud.callFunction({ name: 'f' })).result)).toEqual({
      ok: true,
    });
  },
  'cloud.callFunction': async ({ app, cloud, host }) => {
    await app.evaluate(async () => {
      wx.cloud.init();
      await wx.cloud.callFunction({ name: 'stats', data: { action: 'daily' } });
    });
    const call = cloud.calls.at(-1);
    expect([call?.path, call?.user, call?.body.toString()]).toEqual([
      '/_local/call/stats',
      'user-a',
      '{"action":"daily"}',
    ]);
    cloud.answer = { status: 200, body: { error: { errCode: -504002, errMsg: 'boom' } } };
    const call2 = (): Promise<unknown> =>
      app.evaluate(() =>
        wx.cloud.callFunction({ name: 'stats' }).catch(({ errCode, errMsg }) => ({ errCode, errMsg })),
      );
    expect(await call2()).toEqual({ errCode: -504002, errMsg: 'cloud.callFunction:fail boom' });
    cloud.answer = { status: 200, body: { result: { ok: true } } };
    await host((controls) => controls.setOnline(false));
    expect(await call2()).toMatchObject({ errCode: -1 });
    await host((controls) => controls.setOnline(true));
  },
  'cloud.uploadFile': async ({ app, cloud }) => {
    cloud.answer = { status: 200, body: { fileID: 'cloud://e/x.wav' } };
    const fileID = await app.evaluate(async () => {
      wx.cloud.init();
      const filePath = `${wx.env.USER_DATA_PATH}/x.wav`;
      await new Promise((complete) => {
        wx.getFileSystemManager().writeFile({ filePath, data: 'sound', encoding: 'utf8', complete });
      });
      return (await wx.cloud.uploadFile({ cloudPath: 'voice/x.wav', filePath })).fileID;
    });
    cloud.answer = { status: 200, body: { result: { ok: true } } };
    expect(fileID).toBe('cloud://e/x.wav');
    expect(cloud.calls.at(-1)).toMatchObject({ path: '/_local/upload?user=user-a&path=voice%2Fx.wav' });
    expect(cloud.calls.at(-1)?.body.toString()).toBe('sound');
    await uploadWithTask(app, cloud);
  },
  'cloud.downloadFile': async ({ app, cloud }) => {
    cloud.answer = { status: 200, body: 'sound' };
    const download = (abort: boolean): Promise<unknown> =>
      app.evaluate(
        (breakOff) =>
          new Promise((resolve) => {
            const percents: number[] = [];
            const task = wx.cloud.downloadFile({
              fileID: 'cloud://e/x.wav',
              success: ({ tempFilePath }) => {
                wx.getFileSystemManager().readFile({
                  filePath: tempFilePath,
                  encoding: 'utf8',
                  success: ({ data }) => resolve({ data, last: percents.at(-1) }),
                });
              },
              fail: ({ errMsg }) => resolve(errMsg),
            });
            task.onProgressUpdate(({ progress }) => percents.push(progress));
            if (breakOff) task.abort();
          }),
        abort,
      );
    await app.evaluate(() => wx.cloud.init());
    expect(await download(false)).toEqual({ data: '"sound"', last: 100 });
    expect(cloud.calls.at(-1)).toMatchObject({
      path: '/_local/download?user=user-a&fileID=cloud%3A%2F%2Fe%2Fx.wav',
    });
    expect(await download(true)).toBe('cloud.downloadFile:fail abort');
    cloud.answer = { status: 404, body: {} };
    expect(await download(false)).toBe('cloud.downloadFile:fail HTTP 404');
    cloud.answer = { status: 200, body: { result: { ok: true } } };
  },
  'cloud.connectContainer': async (context) => {
    const { app, host } = context;
    await openSocket(context);
    const { request } = newest(context);
    expect(request.url).toBe('/socket?sid=1');
    expect(request.headers).toMatchObject({
      'x-extra': 'yes',
      'x-wx-openid': 'user-a',
      'x-wx-source': 'wx_client',
    });
    const strict = await app.evaluate(() => {
      const { task } = globalThis as unknown as { task: WechatMiniprogram.SocketTask };
      const errors: string[] = [];
      task.send({ data: 'text' });
      task.send({ data: new Uint8Array([1, 2]).buffer });
      task.send({ data: new Uint8Array([1, 2]) as never, fail: ({ errMsg }) => errors.push(errMsg) });
      return errors;
    });
    expect(strict).toEqual(['sendSocketMessage:fail parameter.data should be String or ArrayBuffer']);
    await expect.poll(() => log(context)).toEqual(['text', 2]);
    // A cut drops the connection: the server sees no closing handshake, the page is notified at once.
    const { closed } = newest(context);
    await host((controls) => controls.setOnline(false));
    expect(await log(context)).toEqual(['text', 2, 'fail network is down', 1006]);
    expect(await closed).toBe(1006);
    await host((controls) => controls.setOnline(true));
    const unknown = await app.evaluate(() =>
      wx.cloud.connectContainer({ config: { env: 'e' }, service: 'other' }).catch((error) => error.errMsg),
    );
    expect(unknown).toContain('cloud.connectContainer:fail 未完成的操作');
  },
  connectSocket: async (context) => {
    const { app, cloud } = context;
    const url = cloud.url.replace('http', 'ws');
    const echoed = await app.evaluate(
      (address) =>
        new Promise<unknown>((resolve, reject) => {
          const task = wx.connectSocket({ url: address });
          task.onError(reject);
          task.onOpen(() => task.send({ data: 'hello' }));
          task.onMessage(({ data }) => {
            task.close({ code: 1000, reason: 'done' });
            resolve(data);
          });
        }),
      url,
    );
    expect(echoed).toBe('hello');
    expect(await newest(context).closed).toBe(1000);
  },
  // its events in each state: runtime/wx/recorder.test.ts
  getRecorderManager: async ({ app, host }) => {
    await host((controls) => {
      controls.setPermissionAnswer(true);
      controls.device().scopes['scope.record'] = true;
    });
    const { sizes, bytes, fileBytes } = await app.evaluate(async () => {
      const recorder = wx.getRecorderManager();
      const frames: number[] = [];
      const recorded = new Promise<string>((resolve, reject) => {
        recorder.onError(reject);
        recorder.onStop(({ tempFilePath }) => resolve(tempFilePath));
        recorder.onFrameRecorded(({ frameBuffer, isLastFrame }) => {
          frames.push(frameBuffer.byteLength);
          if (!isLastFrame && frames.length === 4) recorder.stop();
        });
      });
      recorder.start({ format: 'PCM', sampleRate: 16_000, encodeBitRate: 48_000, frameSize: 4 });
      const filePath = await recorded;
      const file = await new Promise<ArrayBuffer>((resolve, fail) => {
        const success = ({ data }: { data: unknown }) => resolve(data as ArrayBuffer);
        wx.getFileSystemManager().readFile({ filePath, success, fail });
      });
      const total = frames.reduce((sum, size) => sum + size, 0);
      return { sizes: frames.slice(0, 4), bytes: total, fileBytes: file.byteLength };
    });
    expect(sizes).toEqual([4096, 4096, 4096, 4096]);
    expect(fileBytes).toBe(bytes);
  },
};
