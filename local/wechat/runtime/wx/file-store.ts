/** Files of the imagined phone, in memory: `wxfile://usr/…` that the app wrote, `wxfile://tmp/…` that it was given. */

export const USER_DATA_PATH = 'wxfile://usr';
const TEMP_PATH = 'wxfile://tmp';
/** WeChat's limit of all files of one user. */
const LIMIT_BYTES = 200 * 1024 * 1024;

const files = new Map<string, Uint8Array<ArrayBuffer>>();
let counter = 0;

const total = (): number => [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);

/** @throws with WeChat's words when the place is not writable or full. */
export const writeFile = (path: string, data: Uint8Array<ArrayBuffer>): void => {
  if (!path.startsWith(`${USER_DATA_PATH}/`) && !path.startsWith(`${TEMP_PATH}/`))
    throw new Error(`permission denied, open "${path}"`);
  if (total() + data.byteLength > LIMIT_BYTES)
    throw new Error('the maximum size of the file storage limit is exceeded');
  files.set(path, data);
};

export const readFile = (path: string): Uint8Array<ArrayBuffer> => {
  const data = files.get(path);
  if (data === undefined) throw new Error(`no such file or directory, open "${path}"`);
  return data;
};

export const hasFile = (path: string): boolean => files.has(path);
export const removeFile = (path: string): void => {
  readFile(path);
  files.delete(path);
};
export const listFiles = (folder: string): string[] =>
  [...files.keys()]
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1));

/** A path for something that the app is given (a chosen or recorded file). */
export const addTempFile = (data: Uint8Array<ArrayBuffer>, extension: string): string => {
  counter += 1;
  const path = `${TEMP_PATH}/${Date.now().toString(36)}-${counter}${extension}`;
  writeFile(path, data);
  return path;
};
