import { readFile } from 'node:fs/promises';

/** The part of a `.cpuprofile` that is used here. */
interface CpuProfile {
  nodes: readonly {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  samples: readonly number[];
  timeDeltas: readonly number[];
}

export interface HotFunction {
  name: string;
  /** File and line of the bundle, or empty: Node.js itself. */
  place: string;
  /** Own time, of the time in which anything ran. */
  share: number;
}

const IDLE: ReadonlySet<string> = new Set(['(idle)', '(program)']);

/** The functions that used the most time themselves. */
export async function hottest(file: string, count: number): Promise<HotFunction[]> {
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(file, 'utf8')) as CpuProfile;
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map<string, HotFunction & { us: number }>();
  let busyUs = 0;
  for (const [i, id] of samples.entries()) {
    const frame = byId.get(id);
    const us = Math.max(0, timeDeltas[i] ?? 0);
    if (!frame || IDLE.has(frame.functionName)) continue;
    busyUs += us;
    const { functionName, url, lineNumber } = frame;
    const place = url && !url.startsWith('node:') ? `${url.split('/').at(-1)}:${lineNumber + 1}` : url;
    const name = functionName || '(anonymous)';
    const key = `${name} ${place}`;
    const known = times.get(key) ?? { name, place, share: 0, us: 0 };
    known.us += us;
    times.set(key, known);
  }
  return [...times.values()]
    .sort((a, b) => b.us - a.us)
    .slice(0, count)
    .map(({ name, place, us }) => ({ name, place, share: us / busyUs }));
}
