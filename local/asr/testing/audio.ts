import { ENGINE_RATE_HZ } from '../recogniser.ts';

export const silence = (ms: number): Int16Array => new Int16Array((ms * ENGINE_RATE_HZ) / 1000);

export function concat(parts: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
