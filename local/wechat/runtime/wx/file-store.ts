/** Name of the database's only object store. */
const STORE = 'files';

/** Holds the files that an app writes across reloads, one database per user, as a phone does across restarts. */
interface Disk {
  /** Resolves once the file is durable: a reload right after finds it. */
  put(path: string, data: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Removes files; resolves once a reload would no longer find them. */
  remove(paths: readonly string[]): Promise<void>;
}

const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @returns the disk and the files on it, by path. A folder is an entry whose path ends with `/`, without content. */
const openDisk = async (
  openid: string,
): Promise<{ disk: Disk; files: Map<string, Uint8Array<ArrayBuffer>> }> => {
  const opening = indexedDB.open(`wx:${openid}`, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await resultOf(opening);
  const reading = database.transaction(STORE).objectStore(STORE);
  const [paths, contents] = await Promise.all([
    resultOf(reading.getAllKeys()),
    resultOf(reading.getAll() as IDBRequest<Uint8Array<ArrayBuffer>[]>),
  ]);
  const files = new Map(contents.map((data, index) => [String(paths[index]), data]));
  const change = (act: (store: IDBObjectStore) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the write was aborted'));
      act(transaction.objectStore(STORE));
    });
  return {
    files,
    disk: {
      put: (path, data) => change((store) => store.put(data, path)),
      remove: (paths) =>
        change((store) => {
          for (const path of paths) store.delete(path);
        }),
    },
  };
};

/** Files that the app wrote. */
export const USER_DATA_PATH = 'wxfile://usr';
/** Files that the app was given: chosen or recorded. */
const TEMP_PATH = 'wxfile://tmp';
/** WeChat's limit of all files of one user. */
const LIMIT_BYTES = 200 * 1024 * 1024;

/** Files of both kinds by path; a folder's path ends with `/`. */
const entries = new Map<string, Uint8Array<ArrayBuffer>>();
let disk: Disk | undefined;
let tempFiles = 0;

/**
 * Loads the files that the user's app wrote before. Until then, and where the browser refuses a database, files are
 * held in memory only.
 */
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

/** Makes a folder and those above it; nothing where it is there. */
export const makeFolder = async (path: string): Promise<void> => {
  requireWritable(`${path}/`);
  if (isFolder(path)) return;
  await makeFolder(parentOf(path));
  await put(`${path}/`, new Uint8Array());
};

/** Removes a folder with all that is in it. */
export const removeFolder = async (path: string): Promise<void> => {
  requireFolder(path, 'rmdir');
  await drop([...entries.keys()].filter((entry) => entry.startsWith(`${path}/`)));
};

/** Names of the files and folders right in a folder. */
export const listFolder = (path: string): string[] => {
  requireFolder(path, 'readdir');
  const names = [...entries.keys()]
    .filter((entry) => entry.startsWith(`${path}/`) && entry !== `${path}/`)
    .map((entry) => entry.slice(path.length + 1).split('/')[0] ?? '');
  return [...new Set(names)];
};

/** Stores a chosen or recorded file in memory, until the next reload. @returns its path */
export const addTempFile = (data: Uint8Array<ArrayBuffer>, extension: string): string => {
  tempFiles += 1;
  const path = `${TEMP_PATH}/${tempFiles}${extension}`;
  requireSpace(path, data.byteLength);
  entries.set(path, data);
  return path;
};
