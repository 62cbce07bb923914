import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Locks of this process: our own id in any other lock is left over from a process that had it before us. */
const ours = new Set<string>();

/**
 * Makes a data folder ours until the returned function is called: two gateways in one folder would destroy each
 * other's data. A lock left by a process that is gone is taken over.
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lock');
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      ours.add(path);
      return () => {
        ours.delete(path);
        unlinkSync(path);
      };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
    const owner = Number(readFileSync(path, 'utf8'));
    if (owner === process.pid ? ours.has(path) : isAlive(owner))
      throw new Error(`数据目录 ${folder} 正被进程 ${owner} 使用；若确认它不是本地云，请删除 ${path}`);
    unlinkSync(path);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
