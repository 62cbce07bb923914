import * as adapter from 'glass-easel-miniprogram-adapter';

/** WeChat advises against more in one call, UTF-8 bytes of JSON. */
const MAX_CALL_BYTES = 64 * 1024;
const OWN_COMPONENT = /^(?!miniprogram_npm\/|wx\/)/;

/** What the app's pages and components have sent to their views with `setData`; the widgets of npm packages are not counted. */
export interface SetDataCounts {
  calls: number;
  /** Calls by page or component. */
  callsOf: Record<string, number>;
  bytes: number;
  /** Bytes of the largest call. */
  largest: number;
}

const bytesOf = (data: unknown): number => new TextEncoder().encode(JSON.stringify(data) ?? '').byteLength;

/** Counts every `setData`; a larger call than WeChat advises becomes a `console.error`, which tests count as a failure. */
export const countSetData = (): SetDataCounts => {
  const counts: SetDataCounts = { calls: 0, callsOf: {}, bytes: 0, largest: 0 };
  const { prototype } = adapter.component.ComponentCaller;
  const { setData } = prototype;
  prototype.setData = function (data, callback) {
    const { is } = this as unknown as { is: string };
    if (OWN_COMPONENT.test(is)) {
      const bytes = bytesOf(data);
      counts.calls += 1;
      counts.callsOf[is] = (counts.callsOf[is] ?? 0) + 1;
      counts.bytes += bytes;
      counts.largest = Math.max(counts.largest, bytes);
      if (bytes > MAX_CALL_BYTES) console.error(`[setData] ${is}：一次 ${bytes} 字节，超过 64 KB`);
    }
    setData.call(this, data, callback);
  };
  return counts;
};
