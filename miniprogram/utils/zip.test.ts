import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { base64Of } from './base64.ts';
import { bytesOfBase64, utf8Of } from './bytes.ts';
import { zipOf } from './zip.ts';

test('an archive holds the files as they are, with names in Chinese', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
  const files = unzipSync(
    new Uint8Array(
      zipOf([
        { name: '周会.docx', bytes },
        { name: '空.txt', bytes: new Uint8Array() },
      ]),
    ),
  );
  expect(Object.keys(files)).toEqual(['周会.docx', '空.txt']);
  expect(Buffer.from(files['周会.docx'] ?? []).equals(bytes)).toBe(true);
  expect(files['空.txt']).toHaveLength(0);
});

test('the checksum is the one of the format', () => {
  // CRC-32 of "123456789", the check value of the polynomial, behind the signature and five numbers of two bytes
  const zip = zipOf([{ name: 'a', bytes: utf8Of('123456789') }]);
  expect(new DataView(zip).getUint32(14, true)).toBe(0xcbf4_3926);
});

test('no file takes the place of another with the same name', () => {
  const entries = ['周会.srt', '周会.srt', '周会 2.srt', '周会.srt'].map((name, at) => ({
    name,
    bytes: Uint8Array.of(at),
  }));
  const files = unzipSync(new Uint8Array(zipOf(entries)));
  expect(Object.entries(files).map(([name, [byte]]) => [name, byte])).toEqual([
    ['周会.srt', 0],
    ['周会 2.srt', 1],
    ['周会 2 2.srt', 2],
    ['周会 3.srt', 3],
  ]);
});

test('text becomes the UTF-8 that everybody reads', () => {
  for (const text of ['', 'abc', '周会：é ß', '😀🎤', '\ud83d', 'x\udc00y', '\u07ff\u0800\uffff'])
    expect(Buffer.from(utf8Of(text)).toString('hex')).toBe(
      Buffer.from(new TextEncoder().encode(text)).toString('hex'),
    );
});

test.each([0, 1, 2, 3, 4, 5, 100])('Base64 of %d bytes is read back', (length) => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + 200) % 256);
  expect(bytesOfBase64(base64Of(bytes.buffer))).toEqual(bytes);
});
