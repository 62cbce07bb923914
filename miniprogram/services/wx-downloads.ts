import { initCloud, wxPromise } from 'cloudbase-voice';

/** A running download. */
export interface Download {
  /** Resolves with the path of a temporary file; rejects with the platform's error. */
  done: Promise<string>;
  abort(): void;
}

/** The operations on the cloud storage and the phone's files that downloads need. */
export interface Downloads {
  start(fileID: string, onPercent: (percent: number) => void): Download;
  read(filePath: string): Promise<ArrayBuffer>;
  /** Does nothing where the phone does not let a temporary file be deleted: it goes when WeChat needs the room. */
  remove(filePath: string): void;
}

/**
 * By `fileID`, since `wx.downloadFile` takes addresses of registered domains only (docs.cloudbase.net, downloadFile-guide).
 * @param envOf read at every download, since the user may change the setting
 */
export function wxDownloads(envOf: () => string): Downloads {
  const files = () => wx.getFileSystemManager();
  return {
    start(fileID, onPercent) {
      let task: WechatMiniprogram.DownloadTask | undefined;
      const done = wxPromise<{ tempFilePath: string }>((callbacks) => {
        const env = envOf();
        initCloud(env);
        task = wx.cloud.downloadFile({ fileID, ...(env && { config: { env } }), ...callbacks });
        task?.onProgressUpdate?.(({ progress }) => onPercent(progress));
      }).then(({ tempFilePath }) => tempFilePath);
      return { done, abort: () => task?.abort?.() };
    },
    read: (filePath) =>
      wxPromise<{ data: string | ArrayBuffer }>((callbacks) =>
        files().readFile({ filePath, ...callbacks }),
      ).then(({ data }) => data as ArrayBuffer),
    remove: (filePath) => files().unlink({ filePath, fail: () => {} }),
  };
}
