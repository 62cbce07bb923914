import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lock files of this process. Its id in another one was written by an earlier process with the same id. */
const held = new Set<string>();

/**
 * Creates the lock file of a data folder, which holds this process's id: two gateways on one folder would destroy each
 * other's data. A lock file of a process that has ended is replaced.
 * @returns releases the lock
 * @throws Error that names the process that holds it
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lock');
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      held.add(path);
      return () => {
        held.delete(path);
        unlinkSync(path);
      };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
    const owner = Number(readFileSync(path, 'utf8'));
    if (owner === process.pid ? held.has(path) : isAlive(owner))
      throw new Error(`数据目录 ${folder} 正被进程 ${owner} 使用；若确认它不是本地云，请删除 ${path}`);
    unlinkSync(path);
  }
}

/** Whether there is a process with this id. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
