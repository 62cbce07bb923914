import type { Census } from './census.ts';

/** What was counted at one time: objects by class, functions by name, timers, listeners, … */
export type Counts = Census;

/** What there was at a quarter, at half and at the end of the time. */
export type Quarters = readonly [quarter: Counts, half: Counts, whole: Counts];

export interface Growth {
  what: string;
  counts: readonly [number, number, number];
}

/**
 * What is alive differs a little from moment to moment: a request that is under way, audio that is not committed. Growth is more than
 * so many, and more than this share of what there is.
 */
export interface Slack {
  least: number;
  share: number;
}

/**
 * Node.js has one for each duration that timers have. There are never more of them than timers, which are counted; how many different
 * durations there are is chance, since the benchmark's clock sets each timer again for what is left of it whenever time has stood still.
 */
const BY_DURATION = 'class TimersList';

/**
 * What grows with time: by more than the slack in the second half, and by more than half of it in the quarter before, so that what is
 * loaded once and late does not count.
 */
export function growthOf([quarter, half, whole]: Quarters, { least, share }: Slack): Growth[] {
  const grown: Growth[] = [];
  for (const what of Object.keys(whole)) {
    if (what === BY_DURATION) continue;
    const counts = [quarter[what] ?? 0, half[what] ?? 0, whole[what] ?? 0] as const;
    const slack = Math.max(least, share * counts[1]);
    if (counts[2] - counts[1] > slack && counts[1] - counts[0] > slack / 2) grown.push({ what, counts });
  }
  return grown.sort((a, b) => b.counts[2] - b.counts[1] - (a.counts[2] - a.counts[1]));
}

/** Functions are made once and late, and the entries of caches are kept. */
const MUST_GO = /^(class|资源) |^(计时器|监听器|套接字)$/;

/** What came with the streams, at least one for each, and is for the greater part still there when all have gone. */
export function leftOf(before: Counts, during: Counts, after: Counts, streams: number): Growth[] {
  const left: Growth[] = [];
  for (const what of Object.keys(after)) {
    const counts = [before[what] ?? 0, during[what] ?? 0, after[what] ?? 0] as const;
    const [came, stayed] = [counts[1] - counts[0], counts[2] - counts[0]];
    if (MUST_GO.test(what) && came >= streams && stayed > came / 2) left.push({ what, counts });
  }
  return left;
}

/** Least squares. @returns by how much `y` grows for each unit of `x` */
export function slopeOf(points: readonly { x: number; y: number }[]): number {
  const n = points.length;
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / n;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spread = mean(({ x }) => (x - meanX) ** 2);
  return spread === 0 ? 0 : mean(({ x, y }) => (x - meanX) * (y - meanY)) / spread;
}
