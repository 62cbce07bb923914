import { expect, test } from 'vitest';
import {
  elapsedUs,
  readAudioStamp,
  readTextStamp,
  STAMP_BYTES,
  stampAudio,
  stampText,
  textStampsIn,
} from './stamp.ts';

const frame = (): Uint8Array => Uint8Array.from({ length: STAMP_BYTES + 10 }, (_, i) => i * 7);

test('a stamp in audio is read again, and changes no sample by more than its two lowest bits', () => {
  const before = frame();
  const stamped = frame();
  stampAudio(stamped, 70_000, 2 ** 32 + 123_456_789);
  expect(readAudioStamp(stamped, 70_000)).toBe(123_456_789);
  expect(stamped.every((byte, i) => byte >> 2 === (before[i] as number) >> 2)).toBe(true);
});

test('another frame, a changed one and one that begins elsewhere have no stamp', () => {
  const stamped = frame();
  stampAudio(stamped, 5, 1_000);
  expect(readAudioStamp(stamped, 6)).toBeUndefined();
  expect(readAudioStamp(frame(), 5)).toBeUndefined();
  expect(readAudioStamp(Uint8Array.of(...stamped.subarray(2), 0, 0), 5)).toBeUndefined();
});

test('a stamp in text is found wherever the message has it', () => {
  expect(readTextStamp(JSON.stringify({ a: 1, text: stampText('今天', 42) }))).toBe(42);
  expect(readTextStamp('{"code":0}')).toBeUndefined();
});

test('times are compared across the point where they wrap', () => {
  expect(elapsedUs(2 ** 32 - 10, 2 ** 32 + 5)).toBe(15);
});

test('all stamps of a text are found, in its order', () => {
  expect(textStampsIn(`${stampText('今天', 42)}，# 号，${stampText('天气', 7)}`)).toEqual([42, 7]);
  expect(textStampsIn('没有')).toEqual([]);
});
