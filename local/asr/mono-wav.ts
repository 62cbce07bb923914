import { readWav, toMono, WavError, type WavProblem } from '../../lib/wav.ts';

const MESSAGES: Readonly<Record<Exclude<WavProblem, 'unsupported'>, string>> = {
  'not-wav': '不是 WAV 文件',
  'no-format': 'WAV 文件缺少格式块',
  'no-data': 'WAV 文件没有数据块',
  'bad-format': 'WAV 格式块无效',
};

/**
 * Reads a WAV file and mixes it down to one channel.
 * @throws {Error} with a message in Chinese, for users, that says what is wrong with the file
 */
export function readMonoWav(file: Uint8Array): { sampleRateHz: number; samples: Int16Array } {
  try {
    const wav = readWav(file);
    return { sampleRateHz: wav.sampleRateHz, samples: toMono(wav) };
  } catch (error) {
    if (!(error instanceof WavError)) throw error;
    if (error.problem !== 'unsupported') throw new Error(MESSAGES[error.problem]);
    throw new Error(`不支持的 WAV 编码：格式 ${error.format?.tag}，${error.format?.bitsPerSample} 位`);
  }
}
