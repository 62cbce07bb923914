/** Keeps the files that an app writes over reloads, one database per user, as a phone keeps them over restarts. */

const STORE = 'files';

export interface Disk {
  put(path: string, data: Uint8Array<ArrayBuffer>): void;
  remove(path: string): void;
}

const whenDone = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @returns the disk and what lies on it. Folders end with `/` and hold nothing. */
export const openDisk = async (
  openid: string,
): Promise<{ disk: Disk; files: Map<string, Uint8Array<ArrayBuffer>> }> => {
  const opening = indexedDB.open(`wx:${openid}`, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await whenDone(opening);
  const reading = database.transaction(STORE).objectStore(STORE);
  const [paths, contents] = await Promise.all([
    whenDone(reading.getAllKeys()),
    whenDone(reading.getAll() as IDBRequest<Uint8Array<ArrayBuffer>[]>),
  ]);
  const files = new Map(contents.map((data, index) => [String(paths[index]), data]));
  const change = (act: (store: IDBObjectStore) => void): void => {
    const transaction = database.transaction(STORE, 'readwrite');
    transaction.onerror = () => console.error('[wx] 文件没有写入浏览器数据库', transaction.error);
    act(transaction.objectStore(STORE));
  };
  return {
    files,
    disk: {
      put: (path, data) => change((store) => store.put(data, path)),
      remove: (path) => change((store) => store.delete(path)),
    },
  };
};
