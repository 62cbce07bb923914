import { VoiceError } from '../../../contract/errors.ts';
import { BYTES_PER_SAMPLE, MAX_FRAME_BYTES } from '../../../contract/limits.ts';
import type { AudioFrame, EncodedFrame } from '../../../contract/stream.ts';
import { adpcmSamples, decodeAdpcm } from '../../../lib/ima-adpcm.ts';

/**
 * The PCM of a frame: behind it everything counts in samples, so what overlaps is trimmed the same in every encoding.
 * @throws VoiceError BAD_AUDIO (not what its encoding says), TOO_LARGE (more samples than the largest frame of PCM)
 */
export function decodeFrame({ pos, encoding, bytes }: EncodedFrame): AudioFrame {
  if (encoding === 'pcm') return { pos, pcm: bytes };
  if (samplesOf(bytes) * BYTES_PER_SAMPLE > MAX_FRAME_BYTES) throw new VoiceError('TOO_LARGE');
  return { pos, pcm: new Uint8Array(decodeAdpcm(bytes).buffer) };
}

function samplesOf(block: Uint8Array): number {
  try {
    return adpcmSamples(block);
  } catch (cause) {
    throw new VoiceError('BAD_AUDIO', { detail: 'adpcm', cause });
  }
}
