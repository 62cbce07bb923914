import { type Disk, openDisk } from './file-disk.ts';

/** Files of the imagined phone: `wxfile://usr/…` that the app wrote, `wxfile://tmp/…` that it was given. */

export const USER_DATA_PATH = 'wxfile://usr';
const TEMP_PATH = 'wxfile://tmp';
/** WeChat's limit of all files of one user. */
const LIMIT_BYTES = 200 * 1024 * 1024;

/** By path; a folder's path ends with `/`. */
const entries = new Map<string, Uint8Array<ArrayBuffer>>();
let disk: Disk | undefined;
let counter = 0;

/** Brings back what the user's app wrote before. Until then, and where a browser refuses, files live in memory. */
export const loadFiles = async (openid: string): Promise<void> => {
  const opened = await openDisk(openid);
  for (const [path, data] of opened.files) entries.set(path, data);
  disk = opened.disk;
};

const total = (): number => [...entries.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

const isFolder = (path: string): boolean =>
  path === USER_DATA_PATH || path === TEMP_PATH || entries.has(`${path}/`);

const requireFolder = (path: string, operation: string): void => {
  if (!isFolder(path)) throw new Error(`no such file or directory, ${operation} "${path}"`);
};

const requireWritable = (path: string): void => {
  if (!path.startsWith(`${USER_DATA_PATH}/`)) throw new Error(`permission denied, open "${path}"`);
};

const put = (path: string, data: Uint8Array<ArrayBuffer>): void => {
  if (total() - (entries.get(path)?.byteLength ?? 0) + data.byteLength > LIMIT_BYTES)
    throw new Error('the maximum size of the file storage limit is exceeded');
  entries.set(path, data);
  if (path.startsWith(`${USER_DATA_PATH}/`)) disk?.put(path, data);
};

const drop = (path: string): void => {
  entries.delete(path);
  disk?.remove(path);
};

/** @throws with WeChat's words when the place is not writable, its folder is missing, or the phone is full. */
export const writeFile = (path: string, data: Uint8Array<ArrayBuffer>): void => {
  requireWritable(path);
  requireFolder(parentOf(path), 'open');
  put(path, data);
};

export const readFile = (path: string): Uint8Array<ArrayBuffer> => {
  const data = entries.get(path);
  if (data === undefined) throw new Error(`no such file or directory, open "${path}"`);
  return data;
};

/** Whether there is a file or a folder. */
export const exists = (path: string): boolean => entries.has(path) || isFolder(path.replace(/\/$/, ''));

export const removeFile = (path: string): void => {
  readFile(path);
  drop(path);
};

export const makeFolder = (path: string, recursive: boolean): void => {
  const folder = path.replace(/\/$/, '');
  requireWritable(`${folder}/`);
  if (isFolder(folder)) {
    if (recursive) return;
    throw new Error(`file already exists ${folder}`);
  }
  if (recursive && !isFolder(parentOf(folder))) makeFolder(parentOf(folder), true);
  requireFolder(parentOf(folder), 'mkdir');
  put(`${folder}/`, new Uint8Array());
};

export const removeFolder = (path: string, recursive: boolean): void => {
  requireFolder(path, 'rmdir');
  const inside = [...entries.keys()].filter((entry) => entry.startsWith(`${path}/`));
  if (inside.length > 1 && !recursive) throw new Error('directory not empty');
  for (const entry of inside) drop(entry);
};

/** Names of the files and folders right in a folder. */
export const listFolder = (path: string): string[] => {
  requireFolder(path, 'readdir');
  const names = [...entries.keys()]
    .filter((entry) => entry.startsWith(`${path}/`) && entry !== `${path}/`)
    .map((entry) => entry.slice(path.length + 1).split('/')[0] ?? '');
  return [...new Set(names)];
};

/** A path for something that the app is given (a chosen or recorded file). */
export const addTempFile = (data: Uint8Array<ArrayBuffer>, extension: string): string => {
  counter += 1;
  const path = `${TEMP_PATH}/${Date.now().toString(36)}-${counter}${extension}`;
  put(path, data);
  return path;
};
