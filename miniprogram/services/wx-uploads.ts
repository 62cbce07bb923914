import { initCloud } from './platform.ts';
import type { Uploads } from './recognition.ts';

/** Temporary files of uploads; nothing else lies there. */
const FOLDER = 'oneshot-upload';

const answered = <T>(
  start: (done: { success: (result: T) => void; fail: (error: unknown) => void }) => void,
): Promise<T> => new Promise((resolve, reject) => start({ success: resolve, fail: reject }));

/** @param envOf asked at every upload: people may change it */
export function wxUploads(envOf: () => string): Uploads {
  const folder = () => `${wx.env.USER_DATA_PATH}/${FOLDER}`;
  const files = () => wx.getFileSystemManager();
  let ready: Promise<unknown> | null = null;
  /** An empty folder, once in a run of the app: what an earlier run left when it was killed goes with it. */
  const prepare = () => {
    ready ??= answered<unknown>((done) => files().rmdir({ dirPath: folder(), recursive: true, ...done }))
      .catch(() => {})
      .then(() => answered<unknown>((done) => files().mkdir({ dirPath: folder(), recursive: true, ...done })))
      .catch((error: unknown) => {
        ready = null;
        throw error;
      });
    return ready;
  };
  return {
    async write(name, bytes) {
      await prepare();
      const filePath = `${folder()}/${name}`;
      await answered<unknown>((done) => files().writeFile({ filePath, data: bytes, ...done }));
      return filePath;
    },
    remove: (filePath) => answered<unknown>((done) => files().unlink({ filePath, ...done })).then(() => {}),
    readBase64: (filePath) =>
      answered<{ data: string | ArrayBuffer }>((done) =>
        files().readFile({ filePath, encoding: 'base64', ...done }),
      ).then(({ data }) => data as string),
    start(cloudPath, filePath, onPercent) {
      let task: WechatMiniprogram.UploadTask | undefined;
      const done = answered<{ fileID: string }>((callbacks) => {
        const env = envOf();
        initCloud(env);
        task = wx.cloud.uploadFile({ cloudPath, filePath, ...(env && { config: { env } }), ...callbacks });
        task?.onProgressUpdate?.(({ progress }) => onPercent(progress));
      }).then(({ fileID }) => fileID);
      return { done, abort: () => task?.abort?.() };
    },
  };
}
