import { initCloud, wxPromise } from './platform.ts';
import type { Uploads } from './recognition.ts';

/** Folder of the temporary files of uploads. */
const FOLDER = 'oneshot-upload';

/** @param envOf read at every upload, since the user may change the setting */
export function wxUploads(envOf: () => string): Uploads {
  const folder = () => `${wx.env.USER_DATA_PATH}/${FOLDER}`;
  const files = () => wx.getFileSystemManager();
  let ready: Promise<unknown> | null = null;
  /** Empties the folder, once per run of the app: an earlier run that was killed has left its file. */
  const prepare = () => {
    ready ??= wxPromise<unknown>((callbacks) =>
      files().rmdir({ dirPath: folder(), recursive: true, ...callbacks }),
    )
      .catch(() => {})
      .then(() =>
        wxPromise<unknown>((callbacks) =>
          files().mkdir({ dirPath: folder(), recursive: true, ...callbacks }),
        ),
      )
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
      await wxPromise<unknown>((callbacks) => files().writeFile({ filePath, data: bytes, ...callbacks }));
      return filePath;
    },
    remove: (filePath) =>
      wxPromise<unknown>((callbacks) => files().unlink({ filePath, ...callbacks })).then(() => {}),
    readBase64: (filePath) =>
      wxPromise<{ data: string | ArrayBuffer }>((callbacks) =>
        files().readFile({ filePath, encoding: 'base64', ...callbacks }),
      ).then(({ data }) => data as string),
    start(cloudPath, filePath, onPercent) {
      let task: WechatMiniprogram.UploadTask | undefined;
      const done = wxPromise<{ fileID: string }>((callbacks) => {
        const env = envOf();
        initCloud(env);
        task = wx.cloud.uploadFile({ cloudPath, filePath, ...(env && { config: { env } }), ...callbacks });
        task?.onProgressUpdate?.(({ progress }) => onPercent(progress));
      }).then(({ fileID }) => fileID);
      return { done, abort: () => task?.abort?.() };
    },
  };
}
