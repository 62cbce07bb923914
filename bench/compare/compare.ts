import { join } from 'node:path';
import type { DialectName } from '../relay/dialects.ts';
import { measureRamp, reasonsAgainst, type Step } from '../relay/measure.ts';
import { Rig } from '../relay/rig.ts';
import { quantilesOf } from '../statistics.ts';

/** Of phone recorders. */
const FRAME_MS = 128;
const SETTLE_MS = 1_000;
const STARTS_PER_SECOND = 20;
/** Names that stand for these servers; every other name is a container. */
const OTHER_SERVERS = ['relay', 'socketio', 'published'] as const satisfies readonly DialectName[];

const VARIABLE = /^([A-Z][A-Z0-9_]*)=(.*)$/;

/** One of the servers that run at the same time. */
export interface Contender {
  name: string;
  server: DialectName;
  /** A built `index.js`; undefined: this source is built. */
  container: string | undefined;
  nodeArgs: string[];
  /** Beyond what the container is given by the rig. */
  env: Record<string, string>;
}

export interface CompareOptions {
  folder: string;
  /** For each of them. */
  streams: number;
  windows: number;
  windowMs: number;
  warmUpMs: number;
}

/** CPU of one contender, by window, ms per audio second, and compared with the first one's in the same window. */
export interface Compared {
  name: string;
  cpuMsPerAudioSecond: number;
  /** RSS for each stream, bytes: what the process has more than before the first one. */
  rssPerStream: number;
  ratio: { median: number; lowest: number; highest: number };
  /** Why its figures do not count; empty: they do. */
  against: string[];
}

/** @param spec `name`, `name=index.js`, `name=--option`, `name=VARIABLE=value`, or several behind the first `=`, separated by spaces */
export function contenderOf(spec: string): Contender {
  const [name = '', ...rest] = spec.split('=');
  const server = OTHER_SERVERS.find((other) => other === name) ?? 'container';
  const contender: Contender = { name, server, container: undefined, nodeArgs: [], env: {} };
  for (const word of rest.join('=').split(' ').filter(Boolean)) {
    const [, variable, value = ''] = VARIABLE.exec(word) ?? [];
    if (variable) contender.env[variable] = value;
    else if (word.startsWith('-')) contender.nodeArgs.push(word);
    else contender.container = word;
  }
  return contender;
}

/**
 * Measures servers at the same time, each with speakers, a recogniser and a database of its own: what slows the machine down, slows all of
 * them down, so that a difference of a few per cent is seen that two runs one after the other would not show.
 * @throws Error a frame was lost, doubled or changed
 */
export async function compare(
  contenders: readonly Contender[],
  { folder, streams, windows, windowMs, warmUpMs }: CompareOptions,
  progress: (what: string) => void,
): Promise<Compared[]> {
  const rigs: Rig[] = [];
  try {
    for (const { name, container, nodeArgs, env } of contenders) {
      progress(`构建并启动 ${name}`);
      const own = join(folder, name);
      rigs.push(await Rig.start({ folder: own, container, nodeArgs, env, maxStreams: streams }));
    }
    progress(`${contenders.length} 个服务，各 ${streams} 路`);
    const steps = Array.from({ length: windows }, () => streams);
    const options = { windowMs, warmUpMs, settleMs: SETTLE_MS, startsPerSecond: STARTS_PER_SECOND };
    const measured = await Promise.all(
      contenders.map(({ server }, i) =>
        measureRamp(rigs[i] as Rig, { server, frameMs: FRAME_MS, steps }, options, () => {}),
      ),
    );
    return contenders.map(({ name }, i) => comparedWith(name, measured[i] as Step[], measured[0] as Step[]));
  } finally {
    await Promise.all(rigs.map((rig) => rig.stop()));
  }
}

function comparedWith(name: string, steps: readonly Step[], first: readonly Step[]): Compared {
  const cpu = (step: Step | undefined): number => step?.cpuMsPerAudioSecond ?? Number.NaN;
  const ratios = steps.map((step, i) => cpu(step) / cpu(first[i]));
  return {
    name,
    cpuMsPerAudioSecond: quantilesOf(steps.map(cpu)).p50,
    rssPerStream: quantilesOf(steps.map(({ rssPerStream }) => rssPerStream)).p50,
    ratio: { median: quantilesOf(ratios).p50, lowest: Math.min(...ratios), highest: Math.max(...ratios) },
    against: steps.flatMap(reasonsAgainst),
  };
}

/** As a Markdown table. */
export const formatCompared = (compared: readonly Compared[]): string =>
  [
    '| 服务 | CPU 比第一个（中位数） | 各段 | CPU 毫秒/音频秒 | 每路内存 |',
    '| --- | --- | --- | --- | --- |',
    ...compared.map(
      ({ name, cpuMsPerAudioSecond, rssPerStream, ratio: { median, lowest, highest } }) =>
        `| ${name} | ${median.toFixed(3)} × | ${lowest.toFixed(3)}–${highest.toFixed(3)} | ${cpuMsPerAudioSecond.toFixed(2)} | ${(rssPerStream / 1_000).toFixed(0)} KB |`,
    ),
  ].join('\n');
