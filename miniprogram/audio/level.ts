/** What a meter shows as empty and as full, in dB below full scale: room noise, and a voice close by. */
const FLOOR_DB = -55;
const CEILING_DB = -12;
/** Share of the old value that stays with every ~100 ms frame: up at once, down slowly, as eyes like it. */
const RISE_KEEPS = 0.3;
const FALL_KEEPS = 0.75;

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

/** Loudness as ears have it: 0 (silence) … 1 (loud), linear in decibels. */
export function loudnessOf(rms: number): number {
  if (rms <= 0) return 0;
  const db = 20 * Math.log10(rms);
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

/** One step of the smoothed meter. */
export function smooth(previous: number, loudness: number): number {
  const keeps = loudness > previous ? RISE_KEEPS : FALL_KEEPS;
  const next = previous * keeps + loudness * (1 - keeps);
  return next < 0.005 ? 0 : next;
}
