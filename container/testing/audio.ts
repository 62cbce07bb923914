const RATE_HZ = 16_000;

/** A tone: loud audio, `ms` long. */
export function tone(ms: number, amplitude = 8_000): Uint8Array {
  const samples = Int16Array.from({ length: (ms * RATE_HZ) / 1000 }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * 440 * i) / RATE_HZ)),
  );
  return new Uint8Array(samples.buffer);
}

/** White noise, `ms` long; the same at every call. */
export function noise(ms: number, amplitude: number): Uint8Array {
  let state = 1;
  const samples = Int16Array.from({ length: (ms * RATE_HZ) / 1000 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.round((state / 2 ** 32 - 0.5) * 2 * amplitude);
  });
  return new Uint8Array(samples.buffer);
}

/** Digital silence, `ms` long. */
export const silence = (ms: number): Uint8Array => new Uint8Array(((ms * RATE_HZ) / 1000) * 2);

export const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Samples in `ms`. */
export const at = (ms: number): number => (ms * RATE_HZ) / 1000;
