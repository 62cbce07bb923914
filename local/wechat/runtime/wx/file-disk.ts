/** Holds the files that an app writes across reloads, one database per user, as a phone holds them across restarts. */

const STORE = 'files';

export interface Disk {
  /** Resolves once the file is durable: a reload right after finds it. */
  put(path: string, data: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Removes files; resolves once they are gone for good. */
  remove(paths: readonly string[]): Promise<void>;
}

const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
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
