import { type Disk, openDisk } from './file-disk.ts';

/** Files of the simulated phone: `wxfile://usr/…` that the app wrote, `wxfile://tmp/…` that it was given. */

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

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

const isFolder = (path: string): boolean =>
  path === USER_DATA_PATH || path === TEMP_PATH || entries.has(`${path}/`);

const requireFolder = (path: string, operation: string): void => {
  if (!isFolder(path)) throw new Error(`no such file or directory, ${operation} "${path}"`);
};

const requireWritable = (path: string): void => {
  if (!path.startsWith(`${USER_DATA_PATH}/`)) throw new Error(`permission denied, open "${path}"`);
};

const requireSpace = (path: string, bytes: number): void => {
  const others = [...entries].reduce((sum, [entry, data]) => sum + (entry === path ? 0 : data.byteLength), 0);
  if (others + bytes > LIMIT_BYTES) throw new Error('the maximum size of the file storage limit is exceeded');
};

/** The file can be read at once; the promise resolves once it is durable, and the app is notified no earlier. */
const put = async (path: string, data: Uint8Array<ArrayBuffer>): Promise<void> => {
  requireSpace(path, data.byteLength);
  entries.set(path, data);
  await disk?.put(path, data);
};

const drop = async (paths: readonly string[]): Promise<void> => {
  for (const path of paths) entries.delete(path);
  await disk?.remove(paths);
};

/**
 * Resolves once the file is durable.
 * @throws with WeChat's message when the place is not writable, its folder is missing, or the phone is full
 */
export const writeFile = async (path: string, data: Uint8Array<ArrayBuffer>): Promise<void> => {
  requireWritable(path);
  requireFolder(parentOf(path), 'open');
  await put(path, data);
};

export const readFile = (path: string): Uint8Array<ArrayBuffer> => {
  const data = entries.get(path);
  if (data === undefined) throw new Error(`no such file or directory, open "${path}"`);
  return data;
};

/** Whether there is a file or a folder. */
export const exists = (path: string): boolean => entries.has(path) || isFolder(path.replace(/\/$/, ''));

export const removeFile = async (path: string): Promise<void> => {
  readFile(path);
  await drop([path]);
};

export const makeFolder = async (path: string, recursive: boolean): Promise<void> => {
  const folder = path.replace(/\/$/, '');
  requireWritable(`${folder}/`);
  if (isFolder(folder)) {
    if (recursive) return;
    throw new Error(`file already exists ${folder}`);
  }
  if (recursive && !isFolder(parentOf(folder))) await makeFolder(parentOf(folder), true);
  requireFolder(parentOf(folder), 'mkdir');
  await put(`${folder}/`, new Uint8Array());
};

export const removeFolder = async (path: string, recursive: boolean): Promise<void> => {
  requireFolder(path, 'rmdir');
  const inside = [...entries.keys()].filter((entry) => entry.startsWith(`${path}/`));
  if (inside.length > 1 && !recursive) throw new Error('directory not empty');
  await drop(inside);
};

/** Names of the files and folders right in a folder. */
export const listFolder = (path: string): string[] => {
  requireFolder(path, 'readdir');
  const names = [...entries.keys()]
    .filter((entry) => entry.startsWith(`${path}/`) && entry !== `${path}/`)
    .map((entry) => entry.slice(path.length + 1).split('/')[0] ?? '');
  return [...new Set(names)];
};

/** A path for something that the app is given (a chosen or recorded file); it lives in memory, until the next reload. */
export const addTempFile = (data: Uint8Array<ArrayBuffer>, extension: string): string => {
  counter += 1;
  const path = `${TEMP_PATH}/${Date.now().toString(36)}-${counter}${extension}`;
  requireSpace(path, data.byteLength);
  entries.set(path, data);
  return path;
};
