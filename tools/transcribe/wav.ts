import { ToolError } from '../cli.ts';

/** RIFF/WAVE (Multimedia Programming Interface 1.0; WAVEFORMATEXTENSIBLE). */
const FORMAT_PCM = 1;
const FORMAT_MULAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;
const CHUNK_HEADER_BYTES = 8;
const RIFF_HEADER_BYTES = 12;

export interface Wav {
  sampleRateHz: number;
  channels: number;
  /** 16-bit samples, interleaved. */
  samples: Int16Array;
}

/**
 * Reads a WAV file with 16-bit PCM or μ-law.
 * @throws ToolError that says what it is instead, and what to do
 */
export function readWav(file: Buffer): Wav {
  if (
    file.length < RIFF_HEADER_BYTES ||
    file.toString('latin1', 0, 4) !== 'RIFF' ||
    file.toString('latin1', 8, 12) !== 'WAVE'
  )
    throw new ToolError(
      '不是 WAV 文件：请先转换，例如 ffmpeg -i 输入 -ar 16000 -ac 1 -c:a pcm_s16le 输出.wav',
    );
  let format: { code: number; channels: number; sampleRateHz: number; bits: number } | undefined;
  for (let at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= file.length; ) {
    const id = file.toString('latin1', at, at + 4);
    const body = at + CHUNK_HEADER_BYTES;
    // A recorder that was cut off leaves a size of 0 or one beyond the file's end.
    const told = file.readUInt32LE(at + 4);
    const size = id === 'data' && told === 0 ? file.length - body : Math.min(told, file.length - body);
    if (id === 'fmt ' && size >= 16) format = readFormat(file.subarray(body, body + size));
    if (id === 'data') return readSamples(format, file.subarray(body, body + size));
    at = body + size + (size % 2);
  }
  throw new ToolError('WAV 文件里没有音频数据');
}

function readFormat(chunk: Buffer) {
  const code = chunk.readUInt16LE(0);
  return {
    code: code === FORMAT_EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : code,
    channels: chunk.readUInt16LE(2),
    sampleRateHz: chunk.readUInt32LE(4),
    bits: chunk.readUInt16LE(14),
  };
}

function readSamples(format: ReturnType<typeof readFormat> | undefined, data: Buffer): Wav {
  if (!format) throw new ToolError('WAV 文件缺少格式说明（fmt 块）');
  const { code, channels, sampleRateHz, bits } = format;
  const bytes = bits / 8;
  if (!(code === FORMAT_PCM && bits === 16) && !(code === FORMAT_MULAW && bits === 8))
    throw new ToolError(
      `只支持 16 位 PCM 或 μ-law 的 WAV，这个文件是格式 ${code}、${bits} 位：请先转换，例如 ffmpeg -i 输入.wav -c:a pcm_s16le 输出.wav`,
    );
  if (channels < 1 || channels > 8 || sampleRateHz < 4_000 || sampleRateHz > 384_000)
    throw new ToolError(`WAV 的格式说明不合理：${channels} 声道，${sampleRateHz} Hz`);
  const count = Math.floor(data.length / bytes / channels) * channels;
  const sampleAt = (i: number): number =>
    bytes === 2 ? data.readInt16LE(i * 2) : fromMulaw(data.readUInt8(i));
  return { sampleRateHz, channels, samples: Int16Array.from({ length: count }, (_, i) => sampleAt(i)) };
}

/** ITU-T G.711: all bits inverted; sign, 3 bits of exponent, 4 of mantissa; 33 is added before coding (here × 4). */
function fromMulaw(byte: number): number {
  const bits = ~byte & 0xff;
  const exponent = (bits >> 4) & 7;
  const magnitude = (((bits & 15) * 2 + 33) << (exponent + 2)) - 33 * 4;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** One channel: the mean of all. */
export function toMono({ samples, channels }: Wav): Int16Array {
  if (channels === 1) return samples;
  return Int16Array.from({ length: samples.length / channels }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += samples[i * channels + c] ?? 0;
    return Math.round(sum / channels);
  });
}
