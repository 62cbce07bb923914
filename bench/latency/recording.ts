import { BYTES_PER_SAMPLE } from '../../contract/limits.ts';
import { pcmToWav } from '../../lib/wav.ts';
import { SPEECH, stampAudio } from '../sink/stamp.ts';

/** Frames of the recorder, as the app asks for them (miniprogram/voice/recorder/microphone.ts), bytes. */
export const FRAME_BYTES = 4 * 1_024;
export const FRAME_SAMPLES = FRAME_BYTES / BYTES_PER_SAMPLE;
export const FRAME_MS = (FRAME_SAMPLES * 1_000) / SPEECH.rateHz;

/** A quarter as loud: the browser's way from integers to floats and back is exact only below half of full scale. */
const quieter = (pcm: Buffer): Buffer => {
  for (let at = 0; at < pcm.length; at += BYTES_PER_SAMPLE) pcm.writeInt16LE(pcm.readInt16LE(at) >> 2, at);
  return pcm;
};

/**
 * A WAV file of so many frames of speech, in each of which its number is hidden. It tells no time: nobody knows yet when it will be heard.
 * @param period speech that is repeated
 */
export function stampedRecording(period: Buffer, frames: number): Uint8Array<ArrayBuffer> {
  const pieces = Array.from({ length: frames }, (_, number) => {
    const from = (number * FRAME_BYTES) % period.length;
    const around = Buffer.concat([period.subarray(from), period]).subarray(0, FRAME_BYTES);
    const frame = quieter(Buffer.from(around));
    stampAudio(frame, number, 0);
    return frame;
  });
  return pcmToWav(pieces, SPEECH.rateHz);
}
