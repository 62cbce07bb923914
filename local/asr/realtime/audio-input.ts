import { Upsampler } from '../../../lib/resample.ts';
import { type StreamParams, VOICE_FORMAT } from './params.ts';

/** The audio cannot be what the parameters say. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

const MAX_HEADER_BYTES = 65_536;

/** Turns the bytes of a stream into 16 kHz samples. Frames may be cut anywhere, also inside a sample. */
export class AudioInput {
  readonly #params: StreamParams;
  readonly #upsampler: Upsampler | null;
  #rest: Uint8Array = new Uint8Array(0);
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
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (!this.#headerRead) {
      const start = this.#dataStart(all);
      if (start === null) {
        this.#rest = all.slice();
        return new Int16Array(0);
      }
      this.#headerRead = true;
      all = all.subarray(start);
    }
    const count = all.length >> 1;
    this.#rest = all.slice(2 * count);
    const view = new DataView(all.buffer, all.byteOffset, 2 * count);
    const samples = new Int16Array(count);
    for (let i = 0; i < count; i++) samples[i] = view.getInt16(2 * i, true);
    return this.#upsampler ? this.#upsampler.push(samples) : samples;
  }

  /** Where a WAV stream's samples begin; null: not known yet. Its sizes are ignored, a streamed file cannot know them. */
  #dataStart(bytes: Uint8Array): number | null {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (file.length >= 4 && file.toString('latin1', 0, 4) !== 'RIFF') throw new DecodeError('不是 WAV 音频');
    for (let at = 12; at + 8 <= file.length; ) {
      const name = file.toString('latin1', at, at + 4);
      if (name === 'data') return at + 8;
      if (name === 'fmt ') {
        if (at + 24 > file.length) return null;
        this.#checkFormat(file, at + 8);
      }
      at += 8 + file.readUInt32LE(at + 4);
    }
    if (file.length > MAX_HEADER_BYTES) throw new DecodeError('WAV 头过长');
    return null;
  }

  #checkFormat(file: Buffer, at: number): void {
    const [tag, channels, rate, bits] = [
      file.readUInt16LE(at),
      file.readUInt16LE(at + 2),
      file.readUInt32LE(at + 4),
      file.readUInt16LE(at + 14),
    ];
    if (tag !== 1 || channels !== 1 || bits !== 16 || rate !== this.#params.sampleRateHz) {
      throw new DecodeError(`WAV 须为 ${this.#params.sampleRateHz} Hz 16 位单声道 PCM`);
    }
  }
}
