import { WAV_PCM, wavHeader } from '../../../lib/wav.ts';

/** A WAV file of silence. */
export function aWav({ ms = 1_000, rateHz = 16_000, channels = 1, bits = 16, code = WAV_PCM } = {}): Buffer {
  const data = new Uint8Array(Math.floor((ms * rateHz * channels * bits) / 8_000));
  const format = { tag: code, channels, sampleRateHz: rateHz, bitsPerSample: bits };
  return Buffer.concat([wavHeader(format, data.length), data]);
}
