/** The meter's empty and full, in dB relative to full scale: room noise, and a voice close to the phone. */
const FLOOR_DB = -55;
const CEILING_DB = -12;
/** Weight of the previous value at every piece of 100 ms: the meter rises fast and falls slowly. */
const RISE_SMOOTHING = 0.3;
const FALL_SMOOTHING = 0.75;

/** Root mean square of PCM 16-bit little-endian samples, 0 … 1 of full scale. */
export function rmsOf(pcm: ArrayBuffer): number {
  const view = new DataView(pcm);
  const samples = Math.floor(view.byteLength / 2);
  if (samples === 0) return 0;
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    const value = view.getInt16(i * 2, true) / 0x8000;
    sum += value * value;
  }
  return Math.sqrt(sum / samples);
}

/** Loudness from 0 (silence) to 1 (loud), linear in decibels. */
export function loudnessOf(rms: number): number {
  if (rms <= 0) return 0;
  const db = 20 * Math.log10(rms);
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

/** One step of the smoothed meter. */
export function smoothLevel(previous: number, loudness: number): number {
  const weight = loudness > previous ? RISE_SMOOTHING : FALL_SMOOTHING;
  const next = previous * weight + loudness * (1 - weight);
  return next < 0.005 ? 0 : next;
}
