import { readdir, readFile } from 'node:fs/promises';

/** What `/proc` says of a process. */
export interface ProcessState {
  command: string[];
  /** Real, effective, saved and file-system user. */
  users: number[];
  /** Its number in its own namespace. */
  innerPid: number;
  /** Every set of capabilities, by its name in `/proc`; a set without any is 0. */
  capabilities: Record<string, bigint>;
  noNewPrivileges: boolean;
  children: number[];
}

export async function processState(pid: number): Promise<ProcessState> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): string[] =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/) ?? [];
  const sets = [...status.matchAll(/^(Cap\w+):\s*([0-9a-f]+)$/gm)];
  return {
    command: (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter(Boolean),
    users: field('Uid').map(Number),
    innerPid: Number(field('NSpid').at(-1)),
    capabilities: Object.fromEntries(sets.map(([, name = '', hex = '']) => [name, BigInt(`0x${hex}`)])),
    noNewPrivileges: field('NoNewPrivs').join() === '1',
    children: await childrenOf(pid),
  };
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(pids.map(parentOf));
  return pids.filter((_, i) => parents[i] === parent);
}

/** undefined: it has ended meanwhile. */
const parentOf = async (pid: number): Promise<number | undefined> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // the name in parentheses may hold spaces and parentheses
  return stat ? Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) : undefined;
};
