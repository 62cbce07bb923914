import { readWav as read, type Wav, WavError } from '../../lib/wav.ts';
import { ToolError } from '../cli.ts';

const MAX_CHANNELS = 8;
const MIN_RATE_HZ = 4_000;
const MAX_RATE_HZ = 384_000;

/**
 * Reads a WAV file with PCM of 8 or 16 bits (also as WAVE_FORMAT_EXTENSIBLE) or μ-law.
 * @throws ToolError that says what it is instead, and what to do
 */
export function readWav(file: Uint8Array): Wav {
  try {
    const wav = read(file);
    const { channels, sampleRateHz } = wav;
    if (channels > MAX_CHANNELS || sampleRateHz < MIN_RATE_HZ || sampleRateHz > MAX_RATE_HZ)
      throw new ToolError(`WAV 的格式说明不合理：${channels} 声道，${sampleRateHz} Hz`);
    return wav;
  } catch (error) {
    throw error instanceof WavError ? new ToolError(messageOf(error)) : error;
  }
}

function messageOf({ problem, format }: WavError): string {
  switch (problem) {
    case 'not-wav':
      return '不是 WAV 文件：请先转换，例如 ffmpeg -i 输入 -ar 16000 -ac 1 -c:a pcm_s16le 输出.wav';
    case 'no-data':
      return 'WAV 文件里没有音频数据';
    case 'no-format':
      return 'WAV 文件缺少格式说明（fmt 块）';
    case 'bad-format':
      return `WAV 的格式说明不合理：${format?.channels} 声道，${format?.sampleRateHz} Hz`;
    case 'unsupported':
      return `只支持 16 位、8 位 PCM 或 μ-law 的 WAV，这个文件是格式 ${format?.tag}、${format?.bitsPerSample} 位：请先转换，例如 ffmpeg -i 输入.wav -c:a pcm_s16le 输出.wav`;
  }
}
