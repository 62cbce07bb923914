import { asyncApi, type WxContext } from './call.ts';
import {
  addTempFile,
  exists,
  listFolder,
  makeFolder,
  readFile,
  removeFile,
  removeFolder,
  USER_DATA_PATH,
  writeFile,
} from './file-store.ts';
import type { AskPrivacy } from './permissions.ts';

type Data = string | ArrayBuffer;

const toBase64 = (data: Uint8Array): string =>
  btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(''));

/** Text as UTF-8, or as the bytes that its Base64 stands for. */
const encode = (data: Data, encoding: string | undefined): Uint8Array<ArrayBuffer> => {
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  if (encoding === 'base64') return Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  return new TextEncoder().encode(data);
};

const decode = (data: Uint8Array<ArrayBuffer>, encoding: string | undefined): Data => {
  if (encoding === undefined) return data.slice().buffer;
  if (encoding === 'base64') return toBase64(data);
  return new TextDecoder().decode(data);
};

/** Opens the browser's file dialog. @returns [] when it was dismissed */
const chooseFiles = (count: number, extensions: readonly string[]): Promise<File[]> =>
  new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = count > 1;
    input.accept = extensions.map((extension) => `.${extension.replace(/^\./, '')}`).join(',');
    input.addEventListener('change', () => resolve([...(input.files ?? [])].slice(0, count)));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });

const extensionOf = (name: string): string => /\.[^./]+$/.exec(name)?.[0] ?? '';

/** Downloads a file with the browser, in place of sending it to a chat. */
const download = (path: string, name: string): void => {
  const url = URL.createObjectURL(new Blob([readFile(path)]));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 0);
};

/** The file system's methods with callbacks, folders with `recursive`; each calls back once its change is durable. */
const fileSystem = () => ({
  writeFile: asyncApi<WechatMiniprogram.WriteFileOption>('writeFile', ({ filePath, data, encoding }) =>
    writeFile(filePath, encode(data, encoding)),
  ),
  readFile: asyncApi<WechatMiniprogram.ReadFileOption>(
    'readFile',
    ({ filePath, encoding }) => ({ data: decode(readFile(filePath), encoding) }) as never,
  ),
  access: asyncApi<WechatMiniprogram.AccessOption>('access', ({ path }) => {
    if (!exists(path)) throw new Error(`no such file or directory, access "${path}"`);
  }),
  unlink: asyncApi<WechatMiniprogram.UnlinkOption>('unlink', ({ filePath }) => removeFile(filePath)),
  readdir: asyncApi<WechatMiniprogram.ReaddirOption>('readdir', ({ dirPath }) => ({
    files: listFolder(dirPath),
  })),
  mkdir: asyncApi<WechatMiniprogram.MkdirOption>('mkdir', ({ dirPath }) => makeFolder(dirPath)),
  rmdir: asyncApi<WechatMiniprogram.RmdirOption>('rmdir', ({ dirPath }) => removeFolder(dirPath)),
});

export const filesApi = (askPrivacy: AskPrivacy) => {
  let manager: WechatMiniprogram.FileSystemManager | undefined;
  return {
    env: { USER_DATA_PATH },
    getFileSystemManager: (): WechatMiniprogram.FileSystemManager => {
      manager ??= fileSystem() as unknown as WechatMiniprogram.FileSystemManager;
      return manager;
    },
    shareFileMessage: asyncApi<WechatMiniprogram.ShareFileMessageOption>(
      'shareFileMessage',
      ({ filePath, fileName }) =>
        download(filePath, fileName ?? filePath.slice(filePath.lastIndexOf('/') + 1)),
    ),
    chooseMessageFile: asyncApi<WechatMiniprogram.ChooseMessageFileOption>(
      'chooseMessageFile',
      async ({ count, extension }) => {
        await askPrivacy('MessageFile', 'chooseMessageFile');
        const chosen = await chooseFiles(count, extension ?? []);
        if (chosen.length === 0) throw new Error('cancel');
        const tempFiles = await Promise.all(
          chosen.map(async (file) => ({
            name: file.name,
            size: file.size,
            time: Math.floor(file.lastModified / 1000),
            type: 'file' as const,
            path: addTempFile(new Uint8Array(await file.arrayBuffer()), extensionOf(file.name)),
          })),
        );
        return { tempFiles };
      },
    ),
  } satisfies Partial<WechatMiniprogram.Wx>;
};

/** `wx.…StorageSync` of one user over `localStorage`: as in WeChat each user has their own, so keys begin with the user. */
export const storageApi = ({ device }: WxContext) => {
  const prefix = `wx:${device.config.user.openid}:`;
  const store = (key: string, value: unknown): void =>
    localStorage.setItem(prefix + key, JSON.stringify({ value }));
  return {
    /** @returns `''` for a key that was never set, as WeChat does */
    getStorageSync: <T>(key: string): T => {
      const text = localStorage.getItem(prefix + key);
      return (text === null ? '' : (JSON.parse(text) as { value: unknown }).value) as T;
    },
    setStorageSync: store,
    setStorage: asyncApi<WechatMiniprogram.SetStorageOption>('setStorage', ({ key, data }) =>
      store(key, data),
    ),
  } satisfies Partial<WechatMiniprogram.Wx>;
};
