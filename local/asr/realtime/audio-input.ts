import { Upsampler } from '../../../lib/resample.ts';
import { readWavHeader, WAV_PCM, WavError, type WavFormat, type WavHeader } from '../../../lib/wav.ts';
import { type StreamParams, VOICE_FORMAT } from './params.ts';

/** The audio is not what the stream's parameters say. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

const RIFF_HEADER_BYTES = 12;
const MAX_HEADER_BYTES = 65_536;

/** Converts the bytes of a stream to 16 kHz samples. Frames may be split anywhere, also within a sample. */
export class AudioInput {
  readonly #params: StreamParams;
  readonly #upsampler: Upsampler | null;
  /** Bytes of an incomplete WAV header or sample. */
  #pending: Uint8Array = new Uint8Array(0);
  #headerRead: boolean;

  constructor(params: StreamParams) {
    this.#params = params;
    this.#upsampler = params.sampleRateHz === 8_000 ? new Upsampler() : null;
    this.#headerRead = params.voiceFormat === VOICE_FORMAT.pcm;
  }

  /** @throws {DecodeError} */
  push(bytes: Uint8Array): Int16Array {
    const { voiceFormat } = this.#params;
    if (voiceFormat !== VOICE_FORMAT.pcm && voiceFormat !== VOICE_FORMAT.wav) {
      throw new DecodeError(`voice_format ${voiceFormat}：本地识别服务只解码 PCM 与 WAV`);
    }
    let all = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    if (!this.#headerRead) {
      const header = completeHeader(all);
      if (!header) {
        this.#pending = all.slice();
        return new Int16Array(0);
      }
      this.#checkFormat(header.format);
      this.#headerRead = true;
      all = all.subarray(header.dataOffset);
    }
    const count = all.length >> 1;
    this.#pending = all.slice(2 * count);
    const view = new DataView(all.buffer, all.byteOffset, 2 * count);
    const samples = new Int16Array(count);
    for (let i = 0; i < count; i++) samples[i] = view.getInt16(2 * i, true);
    return this.#upsampler ? this.#upsampler.push(samples) : samples;
  }

  #checkFormat({ tag, channels, bitsPerSample, sampleRateHz }: WavFormat): void {
    const expectedHz = this.#params.sampleRateHz;
    if (tag !== WAV_PCM || channels !== 1 || bitsPerSample !== 16 || sampleRateHz !== expectedHz)
      throw new DecodeError(`WAV 须为 ${expectedHz} Hz 16 位单声道 PCM`);
  }
}

/** The WAV header at the start of a stream; null: more bytes are needed. The size of its data is unknown while it is streamed. */
function completeHeader(bytes: Uint8Array): WavHeader | null {
  if (bytes.length < RIFF_HEADER_BYTES) return null;
  try {
    return readWavHeader(bytes);
  } catch (error) {
    if (!(error instanceof WavError) || error.problem !== 'no-data') throw new DecodeError('不是 WAV 音频');
    if (bytes.length > MAX_HEADER_BYTES) throw new DecodeError('WAV 头过长');
    return null;
  }
}
