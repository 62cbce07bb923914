/** What pages may send to their views, see docs/miniprogram-host.md. */
export const SET_DATA_LIMITS = { bytesPerCall: 64 * 1024, callsPerSecond: 10 } as const;

/** The counters of the browser host (local/wechat/runtime/set-data.ts) at one time. */
export interface SetDataSample {
  atMs: number;
  calls: number;
  bytes: number;
}

export interface SetDataUse {
  seconds: number;
  calls: number;
  /** Most calls within any second. */
  mostCallsPerSecond: number;
  /** Most bytes within any second. */
  mostBytesPerSecond: number;
  bytes: number;
  /** Of the largest call. */
  largestBytes: number;
}

const WINDOW_MS = 1_000;

/** Sums up samples, oldest first; there are at least two. */
export function useOf(samples: readonly SetDataSample[], largestBytes: number): SetDataUse {
  const [first, last] = [samples[0], samples.at(-1)] as [SetDataSample, SetDataSample];
  let mostCallsPerSecond = 0;
  let mostBytesPerSecond = 0;
  let from = 0;
  for (const { atMs, calls, bytes } of samples) {
    while (atMs - (samples[from] as SetDataSample).atMs > WINDOW_MS) from += 1;
    const before = samples[from] as SetDataSample;
    mostCallsPerSecond = Math.max(mostCallsPerSecond, calls - before.calls);
    mostBytesPerSecond = Math.max(mostBytesPerSecond, bytes - before.bytes);
  }
  return {
    seconds: (last.atMs - first.atMs) / 1_000,
    calls: last.calls - first.calls,
    mostCallsPerSecond,
    mostBytesPerSecond,
    bytes: last.bytes - first.bytes,
    largestBytes,
  };
}

/** What exceeds the limits, in words. @param unseenCalls calls of what nobody saw: there are to be none */
export function excessOf({ mostCallsPerSecond, largestBytes }: SetDataUse, unseenCalls: number): string[] {
  const { bytesPerCall, callsPerSecond } = SET_DATA_LIMITS;
  return [
    ...(unseenCalls > 0 ? [`看不见时调用了 ${unseenCalls} 次`] : []),
    ...(mostCallsPerSecond > callsPerSecond
      ? [`一秒调用 ${mostCallsPerSecond} 次，上限 ${callsPerSecond}`]
      : []),
    ...(largestBytes > bytesPerCall ? [`一次 ${largestBytes} 字节，上限 ${bytesPerCall}`] : []),
  ];
}
