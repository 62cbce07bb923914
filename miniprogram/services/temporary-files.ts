import { wxPromise } from 'cloudbase-voice';

/** Files that something else reads by their path, and that are deleted afterwards. */
export interface TemporaryFiles {
  /** @returns its path */
  write(name: string, bytes: ArrayBuffer): Promise<string>;
  remove(filePath: string): Promise<void>;
}

/** Temporary files in a folder of the mini-program's own. @param name of the folder */
export function wxTemporaryFiles(name: string): TemporaryFiles {
  const folder = () => `${wx.env.USER_DATA_PATH}/${name}`;
  const files = () => wx.getFileSystemManager();
  let ready: Promise<unknown> | null = null;
  /** Empties the folder, once per run of the app: an earlier run that was killed has left its files. */
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
    async write(fileName, bytes) {
      await prepare();
      const filePath = `${folder()}/${fileName}`;
      await wxPromise<unknown>((callbacks) => files().writeFile({ filePath, data: bytes, ...callbacks }));
      return filePath;
    },
    remove: (filePath) =>
      wxPromise<unknown>((callbacks) => files().unlink({ filePath, ...callbacks })).then(() => {}),
  };
}
