import { initCloud, wxPromise } from 'cloudbase-voice';
import type { Uploads } from './recognition.ts';
import { wxTemporaryFiles } from './temporary-files.ts';

/** Folder of the temporary files of uploads. */
const FOLDER = 'oneshot-upload';

/** @param envOf read at every upload, since the user may change the setting */
export function wxUploads(envOf: () => string): Uploads {
  const temporary = wxTemporaryFiles(FOLDER);
  const files = () => wx.getFileSystemManager();
  return {
    ...temporary,
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
