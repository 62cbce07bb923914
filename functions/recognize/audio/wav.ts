import { VoiceError } from '../../../contract/errors.ts';
import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';

const PCM = 1;
/** The real code stands in the first bytes of the sub-format (WAVE_FORMAT_EXTENSIBLE). */
const EXTENSIBLE = 0xfffe;

export interface Wav {
  rateHz: number;
  durationMs: number;
}

const unsupported = (detail: string): VoiceError => new VoiceError('AUDIO_UNSUPPORTED', { detail });

/**
 * Reads a WAV file's header and length. Sizes in headers written while recording may be 0 or too large: what is there
 * counts.
 * @throws VoiceError AUDIO_UNSUPPORTED for anything but 16-bit mono PCM
 */
export function readWav(bytes: Buffer): Wav {
  let rateHz = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const body = at + 8;
    if (id === 'fmt ' && size >= 16 && body + 16 <= bytes.length) rateHz = readFormat(bytes, body, size);
    if (id === 'data') {
      if (rateHz === 0) throw unsupported('wav.fmt');
      const present = bytes.length - body;
      const length = size === 0 || size > present ? present : size;
      return { rateHz, durationMs: (Math.floor(length / BYTES_PER_SAMPLE) * 1000) / rateHz };
    }
    // chunks begin at even positions
    at = body + size + (size % 2);
  }
  throw unsupported('wav.data');
}

function readFormat(bytes: Buffer, at: number, size: number): number {
  const code = bytes.readUInt16LE(at);
  const extended = code === EXTENSIBLE && size >= 26 && at + 26 <= bytes.length;
  if ((extended ? bytes.readUInt16LE(at + 24) : code) !== PCM) throw unsupported('wav.encoding');
  if (bytes.readUInt16LE(at + 2) !== 1) throw unsupported('wav.channels');
  if (bytes.readUInt16LE(at + 14) !== BYTES_PER_SAMPLE * 8) throw unsupported('wav.bits');
  return bytes.readUInt32LE(at + 4);
}
