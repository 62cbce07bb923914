import type { CallFunction } from './cloud.ts';
import { LocalError } from './local-errors.ts';
import type { Store } from './saved-recordings.ts';

/** The calls to `wx` that the services need. Nothing is called at import. */

const CLIENT_ID_KEY = 'voice-client-id';
/** Folder of the recordings that are not delivered yet. */
const FOLDER = 'voice-pending';
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

/** @param envOf read at every call, since the user may change the setting */
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

/** Files in the mini-program's own folder (200 MB in all, kept until the mini-program is removed). */
export function wxStore(): Store {
  const folder = () => `${wx.env.USER_DATA_PATH}/${FOLDER}`;
  const files = () => wx.getFileSystemManager();
  const run = <T>(start: (done: { success: (result: T) => void; fail: (error: unknown) => void }) => void) =>
    new Promise<T>((resolve, reject) => start({ success: resolve, fail: reject }));
  const unlessMissing =
    <T>(fallback: T) =>
    (error: unknown): T => {
      if (isMissingFile(error)) return fallback;
      throw error;
    };
  let ready: Promise<unknown> | null = null;
  const prepare = () => {
    ready ??= run<unknown>((done) => files().access({ path: folder(), ...done })).catch(() =>
      run<unknown>((done) => files().mkdir({ dirPath: folder(), recursive: true, ...done })),
    );
    return ready;
  };
  return {
    read: (name) =>
      run<{ data: string | ArrayBuffer }>((done) =>
        files().readFile({ filePath: `${folder()}/${name}`, ...done }),
      ).then(({ data }) => (typeof data === 'string' ? null : data), unlessMissing(null)),
    async write(name, data) {
      await prepare();
      await run<unknown>((done) => files().writeFile({ filePath: `${folder()}/${name}`, data, ...done }));
    },
    remove: (name) =>
      run<unknown>((done) => files().unlink({ filePath: `${folder()}/${name}`, ...done })).then(
        () => undefined,
        unlessMissing(undefined),
      ),
    list: () =>
      run<{ files: string[] }>((done) => files().readdir({ dirPath: folder(), ...done })).then(
        (result) => result.files,
        unlessMissing<string[]>([]),
      ),
  };
}
