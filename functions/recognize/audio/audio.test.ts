import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { engineOf } from '../../../contract/engines.ts';
import { VoiceError } from '../../../contract/errors.ts';
import type { AudioFormat } from '../../../contract/functions.ts';
import { aWav } from '../../shared/testing/audio.ts';
import { detectFormat } from './format.ts';
import { inspect } from './inspect.ts';

const ENGINE = engineOf('16k_zh');
if (!ENGINE) throw new Error('no such engine');
const lengthOf = (bytes: Buffer, declared?: AudioFormat) => inspect(bytes, declared, ENGINE);
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'none';
  } catch (error) {
    return error instanceof VoiceError ? `${error.code} ${error.detail ?? ''}`.trim() : `${error}`;
  }
};
const repeated = (count: number, part: Buffer): Buffer => Buffer.concat(Array<Buffer>(count).fill(part));

/** MPEG 2 layer III, 48 kbit/s, 16 kHz, mono: 216 bytes hold 36 ms. */
const MP3_FRAME = Buffer.concat([Buffer.from([0xff, 0xf3, 0x68, 0xc0]), Buffer.alloc(212)]);
/** MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes hold 1152 samples. */
const MP3_FRAME_V1 = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(413)]);
/** ADTS: AAC LC, 16 kHz, mono, 100 bytes: 64 ms. */
const AAC_FRAME = Buffer.concat([Buffer.from([0xff, 0xf1, 0x60, 0x40, 0x0c, 0x9f, 0xfc]), Buffer.alloc(93)]);
const amr = (frames: number) =>
  Buffer.concat([
    Buffer.from('#!AMR\n'),
    repeated(frames, Buffer.concat([Buffer.from([0x3c]), Buffer.alloc(31)])),
  ]);
const amrWb = (frames: number) =>
  Buffer.concat([
    Buffer.from('#!AMR-WB\n'),
    repeated(frames, Buffer.concat([Buffer.from([0x44]), Buffer.alloc(60)])),
  ]);
const silk = (frames: number, before = '\x02') =>
  Buffer.concat([
    Buffer.from(`${before}#!SILK_V3`, 'latin1'),
    repeated(frames, Buffer.from([3, 0, 1, 2, 3])),
    Buffer.from([0xff, 0xff]),
  ]);

function oggPage(granule: bigint, packet: Buffer): Buffer {
  const header = Buffer.alloc(28);
  header.write('OggS', 0, 'latin1');
  header.writeBigInt64LE(granule, 6);
  header[26] = 1;
  header[27] = packet.length;
  return Buffer.concat([header, packet]);
}
const opusHead = Buffer.concat([
  Buffer.from('OpusHead'),
  Buffer.from([1, 1]),
  Buffer.from([0x38, 0x01]),
  Buffer.alloc(7),
]);
const oggOpus = (samples: number) =>
  Buffer.concat([oggPage(0n, opusHead), oggPage(BigInt(samples + 0x138), Buffer.alloc(40))]);
const speexHead = Buffer.alloc(80);
speexHead.write('Speex   ', 0, 'latin1');
speexHead.writeUInt32LE(16_000, 36);
const oggSpeex = (samples: number) =>
  Buffer.concat([oggPage(0n, speexHead), oggPage(BigInt(samples), Buffer.alloc(40))]);

function box(kind: string, body: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length);
  header.write(kind, 4, 'latin1');
  return Buffer.concat([header, body]);
}
function m4a(lengthMs: number): Buffer {
  const movie = Buffer.alloc(100);
  movie.writeUInt32BE(1_000, 12);
  movie.writeUInt32BE(lengthMs, 16);
  const free = box('free', Buffer.alloc(9));
  return Buffer.concat([
    box('ftyp', Buffer.from('M4A ')),
    free,
    box('moov', Buffer.concat([free, box('mvhd', movie)])),
    box('mdat', Buffer.alloc(40)),
  ]);
}

describe('a format is told by its bytes, and its length counted', () => {
  test.each<[string, AudioFormat, Buffer, number]>([
    ['WAV', 'wav', aWav({ ms: 1_234 }), 1_234],
    ['MP3, MPEG 2', 'mp3', repeated(100, MP3_FRAME), 3_600],
    ['MP3, MPEG 1', 'mp3', repeated(10, MP3_FRAME_V1), 261.22],
    [
      'MP3 behind a tag that holds frames of its own',
      'mp3',
      Buffer.concat([
        Buffer.from('ID3\x04\x00\x00\x00\x00\x03\x30', 'latin1'),
        repeated(2, MP3_FRAME).subarray(0, 432),
        repeated(5, MP3_FRAME),
      ]),
      180,
    ],
    ['AAC in ADTS', 'aac', repeated(50, AAC_FRAME), 3_200],
    ['AMR', 'amr', amr(75), 1_500],
    ['AMR wide band', 'amr', amrWb(75), 1_500],
    ["SILK with WeChat's byte", 'silk', silk(60), 1_200],
    ['SILK', 'silk', silk(60, ''), 1_200],
    ['Opus in Ogg', 'ogg-opus', oggOpus(96_000), 2_000],
    ['Speex in Ogg', 'speex', oggSpeex(32_000), 2_000],
    ['MP4', 'm4a', m4a(4_321), 4_321],
  ])('%s', (_, format, bytes, ms) => {
    // what the caller says it is makes no difference
    for (const declared of [undefined, 'pcm', 'mp3'] as const) {
      const found = lengthOf(bytes, declared);
      expect(found.format).toBe(format);
      expect(found.durationMs).toBeCloseTo(ms, 1);
    }
  });
});

test('what is longer than 60 s is refused in every format that tells', () => {
  const long = [aWav({ ms: 60_001 }), amr(3_001), silk(3_001), oggOpus(48 * 60_001), m4a(60_001)];
  for (const bytes of [...long, repeated(1_667, MP3_FRAME), repeated(938, AAC_FRAME)]) {
    expect([detectFormat(bytes), codeOf(() => lengthOf(bytes))]).toEqual([
      detectFormat(bytes),
      'AUDIO_TOO_LONG',
    ]);
  }
  const fits = [aWav({ ms: 60_000 }), amr(3_000), silk(3_000), oggOpus(48 * 60_000), m4a(60_000)];
  for (const bytes of fits) expect(codeOf(() => lengthOf(bytes))).toBe('none');
});

test('raw PCM and bare Speex are accepted only where the caller declares them', () => {
  const raw = Buffer.alloc(32_000);
  expect(codeOf(() => lengthOf(raw))).toBe('AUDIO_UNSUPPORTED');
  expect(codeOf(() => lengthOf(raw, 'mp3'))).toBe('AUDIO_UNSUPPORTED');
  expect(lengthOf(raw, 'pcm')).toEqual({ format: 'pcm', durationMs: 1_000 });
  expect(lengthOf(raw, 'speex')).toEqual({ format: 'speex', durationMs: undefined });
});

test('nothing, and what is too large after Base64, is refused', () => {
  expect(codeOf(() => lengthOf(Buffer.alloc(0), 'pcm'))).toBe('AUDIO_UNSUPPORTED empty');
  expect(codeOf(() => lengthOf(aWav({ ms: 0 })))).toBe('AUDIO_UNSUPPORTED empty');
  const most = (3 * 1024 * 1024 * 3) / 4;
  expect(codeOf(() => lengthOf(Buffer.alloc(most), 'speex'))).toBe('none');
  expect(codeOf(() => lengthOf(Buffer.alloc(most + 1), 'speex'))).toBe('TOO_LARGE');
});

const ID3 = Buffer.from('ID3\x04\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00', 'latin1');
const fragmented = (...boxes: Buffer[]) => Buffer.concat([box('ftyp', Buffer.from('M4A ')), ...boxes]);

test.each([
  ['MP3: one frame header', MP3_FRAME.subarray(0, 4)],
  ['MP3: a frame that is cut', MP3_FRAME.subarray(0, 215)],
  ['MP3: a tag', ID3],
  ['MP3: a tag and a frame header', Buffer.concat([ID3, MP3_FRAME.subarray(0, 4)])],
  ['AAC: one frame header', AAC_FRAME.subarray(0, 7)],
  [
    'AAC: frames that hold their header only',
    repeated(9, Buffer.from([0xff, 0xf1, 0x60, 0x40, 0, 0xff, 0xfc])),
  ],
  ['AMR: magic', amr(0)],
  ['AMR: magic and a frame header', amr(1).subarray(0, 7)],
  ['AMR wide band: magic', amrWb(0)],
  ['SILK: magic', silk(0).subarray(0, 10)],
  ['SILK: magic and its end', silk(0)],
  ['SILK: a frame length without its frame', silk(1).subarray(0, 12)],
  ['Opus in Ogg: headers', oggPage(0n, opusHead)],
  ['Speex in Ogg: headers', oggPage(0n, speexHead)],
  ['MP4: a type', box('ftyp', Buffer.from('M4A '))],
  ['MP4: no media', fragmented(box('moov', Buffer.alloc(0)))],
  ['MP4: empty media', fragmented(box('moov', Buffer.alloc(0)), box('mdat', Buffer.alloc(0)))],
])('a file without any audio is refused: %s', (_, bytes) => {
  expect(detectFormat(bytes)).toBeDefined();
  expect(codeOf(() => lengthOf(bytes))).toBe('AUDIO_UNSUPPORTED empty');
});

test('a fragmented MP4, which does not tell its length, is accepted', () => {
  const bytes = fragmented(
    box('moov', Buffer.alloc(0)),
    box('moof', Buffer.alloc(9)),
    box('mdat', Buffer.alloc(40)),
  );
  expect(lengthOf(bytes)).toEqual({ format: 'm4a', durationMs: undefined });
});

describe('WAV', () => {
  test.each([
    ['two channels', aWav({ channels: 2 }), 'AUDIO_UNSUPPORTED wav.channels'],
    ['8 bits', aWav({ bits: 8 }), 'AUDIO_UNSUPPORTED wav.bits'],
    ['A-law', aWav({ code: 6 }), 'AUDIO_UNSUPPORTED wav.encoding'],
    ['another rate', aWav({ rateHz: 44_100 }), 'BAD_SAMPLE_RATE wav.rate'],
    ['no data', aWav().subarray(0, 36), 'AUDIO_UNSUPPORTED wav.data'],
    [
      'data before its format',
      Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVEdata\x04\0\0\0\0\0\0\0')]),
      'AUDIO_UNSUPPORTED wav.fmt',
    ],
  ])('%s is refused', (_, bytes, code) => {
    expect(codeOf(() => lengthOf(bytes))).toBe(code);
  });
  test.each([0, 0xffff_ffff, 64_000])('a stated length of %d does not hide what is there', (stated) => {
    const bytes = aWav({ ms: 1_000 });
    bytes.writeUInt32LE(stated, 40);
    expect(lengthOf(bytes)).toEqual({ format: 'wav', durationMs: 1_000 });
  });
});

test('any bytes are either accepted or refused with one of the codes', () => {
  const heads = [
    aWav(),
    m4a(1),
    silk(2),
    amr(2),
    oggOpus(9),
    oggSpeex(9),
    MP3_FRAME,
    AAC_FRAME,
    Buffer.from('ID3'),
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...heads),
      fc.nat(60),
      fc.uint8Array({ maxLength: 300 }),
      (head, cut, rest) => {
        const bytes = Buffer.concat([head.subarray(0, cut), rest]);
        expect(codeOf(() => lengthOf(bytes))).toMatch(
          /^(none|AUDIO_UNSUPPORTED|AUDIO_TOO_LONG|BAD_SAMPLE_RATE)/,
        );
      },
    ),
    { numRuns: 2_000 },
  );
});
