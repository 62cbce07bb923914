/** PCM or companded audio as read from a WAV file. Mono: further channels are averaged in. */
export interface WavAudio {
  sampleRateHz: number;
  samples: Int16Array;
}

const FORMAT_PCM = 1;
const FORMAT_MULAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;

interface Format {
  tag: number;
  channels: number;
  sampleRateHz: number;
  bits: number;
}

/**
 * Reads a RIFF/WAVE file: 8 or 16-bit PCM or μ-law, any number of channels.
 * A data chunk that claims more than there is (a streamed file) is read as far as it goes.
 * @throws {Error} that says what is wrong with the file
 */
export function readWav(file: Uint8Array): WavAudio {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 12 || fourCc(view, 0) !== 'RIFF' || fourCc(view, 8) !== 'WAVE') {
    throw new Error('不是 WAV 文件');
  }
  let format: Format | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const name = fourCc(view, at);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === 'fmt ') format = readFormat(view, start);
    if (name === 'data') {
      if (!format) throw new Error('WAV 文件缺少格式块');
      const end = Math.min(file.length, start + size);
      return { sampleRateHz: format.sampleRateHz, samples: readSamples(view, start, end, format) };
    }
    at = start + size + (size % 2);
  }
  throw new Error('WAV 文件没有数据块');
}

const fourCc = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));

function readFormat(view: DataView, at: number): Format {
  if (at + 16 > view.byteLength) throw new Error('WAV 文件不完整');
  let tag = view.getUint16(at, true);
  if (tag === FORMAT_EXTENSIBLE && at + 26 <= view.byteLength) tag = view.getUint16(at + 24, true);
  const format = {
    tag,
    channels: view.getUint16(at + 2, true),
    sampleRateHz: view.getUint32(at + 4, true),
    bits: view.getUint16(at + 14, true),
  };
  const known =
    (format.tag === FORMAT_PCM && (format.bits === 16 || format.bits === 8)) ||
    (format.tag === FORMAT_MULAW && format.bits === 8);
  if (!known) throw new Error(`不支持的 WAV 编码：格式 ${format.tag}，${format.bits} 位`);
  if (format.channels < 1 || format.sampleRateHz < 1) throw new Error('WAV 格式块无效');
  return format;
}

function readSamples(view: DataView, start: number, end: number, format: Format): Int16Array {
  const { tag, bits, channels } = format;
  const bytes = bits / 8;
  const sampleAt = (at: number): number => {
    if (tag === FORMAT_MULAW) return fromMulaw(view.getUint8(at));
    return bits === 8 ? (view.getUint8(at) - 128) << 8 : view.getInt16(at, true);
  };
  const count = Math.max(0, Math.floor((end - start) / (bytes * channels)));
  return Int16Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      sum += sampleAt(start + (i * channels + channel) * bytes);
    return Math.round(sum / channels);
  });
}

/** ITU-T G.711. */
function fromMulaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
  return bits & 0x80 ? -magnitude : magnitude;
}

const MULAW_BIAS = 0x84;
const MULAW_CLIP = 32_635;

function toMulaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), MULAW_CLIP) + MULAW_BIAS;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

function wavHead(tag: number, sampleRateHz: number, bytesPerSample: number, dataBytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + dataBytes, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(tag, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRateHz, 24);
  head.writeUInt32LE(sampleRateHz * bytesPerSample, 28);
  head.writeUInt16LE(bytesPerSample, 32);
  head.writeUInt16LE(8 * bytesPerSample, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(dataBytes, 40);
  return head;
}

/** A mono WAV file of 16-bit PCM. */
export function writeWav(samples: Int16Array, sampleRateHz: number): Buffer {
  const data = Buffer.alloc(2 * samples.length);
  samples.forEach((sample, i) => {
    data.writeInt16LE(sample, 2 * i);
  });
  return Buffer.concat([wavHead(FORMAT_PCM, sampleRateHz, 2, data.length), data]);
}

/** The same in μ-law, half the size. */
export function writeMulawWav(samples: Int16Array, sampleRateHz: number): Buffer {
  const data = Buffer.from(Array.from(samples, toMulaw));
  return Buffer.concat([wavHead(FORMAT_MULAW, sampleRateHz, 1, data.length), data]);
}
