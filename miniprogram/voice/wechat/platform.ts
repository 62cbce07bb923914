import type { FileStore } from '../saved/saved-recordings.ts';
import { LocalError } from '../session/local-errors.ts';
import type { CallFunction } from './cloud-calls.ts';

/** The calls to `wx` that the services need. Nothing is called at import. */

const CLIENT_ID_KEY = 'voice-client-id';
/** Folder of the recordings that are not delivered yet. */
export const PENDING_FOLDER = 'voice-pending';
const ID_CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 24;

/**
 * A new random id (24 letters and digits, 143 bits). It need not be secret: the container checks who owns a session.
 * @param random 0 ≤ x < 1
 */
export const newId = (random: () => number): string =>
  Array.from({ length: ID_LENGTH }, () => ID_CHARS[Math.floor(random() * ID_CHARS.length)]).join('');

/** The id of this installation, made at the first call. Where the phone's storage fails, each call makes a new one. */
export function wxClientId(random: () => number): string {
  try {
    const stored: unknown = wx.getStorageSync(CLIENT_ID_KEY);
    if (typeof stored === 'string' && stored !== '') return stored;
    const created = newId(random);
    wx.setStorageSync(CLIENT_ID_KEY, created);
    return created;
  } catch {
    return newId(random);
  }
}

let initialised: string | undefined;

/** `wx.cloud.init`, once for each environment. @throws LocalError CLOUD_NOT_READY */
export function initCloud(env: string): void {
  if (typeof wx === 'undefined' || !wx.cloud) throw new LocalError('CLOUD_NOT_READY', 'wx.cloud is missing');
  if (initialised === env) return;
  wx.cloud.init(env ? { env } : {});
  initialised = env;
}

/**
 * Calls cloud functions by `wx.cloud.callFunction`; the first call to an environment does `wx.cloud.init`.
 * @param envOf id of the environment, empty: the default one; read at every call, since the user may change the setting
 */
export const wxCallFunction =
  (envOf: () => string): CallFunction =>
  async (name, data) => {
    const env = envOf();
    initCloud(env);
    const { result } = await wx.cloud.callFunction({ name, data, ...(env && { config: { env } }) });
    return result;
  };

/** Listens for the app going to the background. @returns a function that stops listening */
export function onWxAppHide(fn: () => void): () => void {
  wx.onAppHide(fn);
  return () => wx.offAppHide(fn);
}

const isMissingFile = (error: unknown): boolean =>
  /no such file|not exist/i.test(String((error as { errMsg?: unknown } | null)?.errMsg ?? error));

/** The result of one of `wx`'s functions with callbacks. */
export const wxPromise = <T>(
  start: (callbacks: { success: (result: T) => void; fail: (error: unknown) => void }) => void,
): Promise<T> => new Promise((resolve, reject) => start({ success: resolve, fail: reject }));

/**
 * Files in a folder of the mini-program's own (200 MB in all, kept until the mini-program is removed).
 * @param name of the folder
 */
export function wxStore(name: string): FileStore {
  const folder = () => `${wx.env.USER_DATA_PATH}/${name}`;
  const files = () => wx.getFileSystemManager();
  const unlessMissing =
    <T>(fallback: T) =>
    (error: unknown): T => {
      if (isMissingFile(error)) return fallback;
      throw error;
    };
  /** The folder is made once. */
  let ready: Promise<unknown> | null = null;
  const prepare = () => {
    ready ??= wxPromise<unknown>((callbacks) => files().access({ path: folder(), ...callbacks })).catch(() =>
      wxPromise<unknown>((callbacks) => files().mkdir({ dirPath: folder(), recursive: true, ...callbacks })),
    );
    return ready;
  };
  return {
    read: (name) =>
      wxPromise<{ data: string | ArrayBuffer }>((callbacks) =>
        files().readFile({ filePath: `${folder()}/${name}`, ...callbacks }),
      ).then(({ data }) => (typeof data === 'string' ? null : data), unlessMissing(null)),
    async write(name, data) {
      await prepare();
      await wxPromise<unknown>((callbacks) =>
        files().writeFile({ filePath: `${folder()}/${name}`, data, ...callbacks }),
      );
    },
    remove: (name) =>
      wxPromise<unknown>((callbacks) =>
        files().unlink({ filePath: `${folder()}/${name}`, ...callbacks }),
      ).then(() => undefined, unlessMissing(undefined)),
    list: () =>
      wxPromise<{ files: string[] }>((callbacks) =>
        files().readdir({ dirPath: folder(), ...callbacks }),
      ).then((result) => result.files, unlessMissing<string[]>([])),
  };
}
