import { BYTES_PER_SAMPLE } from '../contract/limits.ts';
import { AdpcmEncoder } from '../lib/ima-adpcm.ts';
import { readWav } from '../lib/wav.ts';

export const RATE_HZ = 16_000;
/** 200 ms. */
const FRAME_SAMPLES = 3_200;
/** Silence before and behind a recording, so that its first and last words are inside. */
const MARGIN_MS = 500;

/** Samples in `ms`. */
export const at = (ms: number): number => (ms * RATE_HZ) / 1000;

/** Digital silence, `ms` long. */
export const silence = (ms: number): Uint8Array => new Uint8Array(at(ms) * BYTES_PER_SAMPLE);

/** Samples that differ from each other and from those at other positions, so that a wrong one is seen. */
export function counted(fromPos: number, samples: number): Uint8Array {
  const pcm = Int16Array.from({ length: samples }, (_, i) => ((fromPos + i) * 7_919) % 20_000);
  return new Uint8Array(pcm.buffer);
}

export const samplesOf = (pcm: Uint8Array): number => pcm.byteLength / BYTES_PER_SAMPLE;

/** One block of IMA ADPCM. */
export function adpcm(pcm: Uint8Array): Uint8Array {
  return new AdpcmEncoder().encode(new Int16Array(new Uint8Array(pcm).buffer));
}

/** A frame of a recording, and the position of its first sample. */
export interface Frame {
  pos: number;
  pcm: Uint8Array;
}

/** The part of a recording from `fromPos` to `untilPos`, in frames of 200 ms. */
export function framesOf(pcm: Uint8Array, fromPos = 0, untilPos = samplesOf(pcm)): Frame[] {
  const frames: Frame[] = [];
  for (let pos = fromPos; pos < untilPos; pos += FRAME_SAMPLES) {
    const end = Math.min(pos + FRAME_SAMPLES, untilPos);
    frames.push({ pos, pcm: pcm.subarray(pos * BYTES_PER_SAMPLE, end * BYTES_PER_SAMPLE) });
  }
  return frames;
}

/** A recording of speech, with silence around it. */
export interface Speech {
  pcm: Uint8Array;
  endPos: number;
  /** What it is recognised as; undefined: it is only compared between cases. */
  text: string | undefined;
}

/**
 * Reads a WAV file: one channel, 16 bit, 16 kHz.
 * @throws Error where it is something else
 */
export function speechOf(file: Uint8Array, text: string | undefined): Speech {
  const { sampleRateHz, channels, samples } = readWav(file);
  if (sampleRateHz !== RATE_HZ || channels !== 1)
    throw new Error(
      `--audio: ${sampleRateHz} Hz, ${channels} channels; 16,000 Hz and one channel are needed`,
    );
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const margin = silence(MARGIN_MS);
  const pcm = new Uint8Array(margin.byteLength * 2 + bytes.byteLength);
  pcm.set(bytes, margin.byteLength);
  return { pcm, endPos: samplesOf(pcm), text };
}

/** Recordings one behind the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
