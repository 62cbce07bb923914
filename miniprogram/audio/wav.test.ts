import { expect, test } from 'vitest';
import { wavOf } from './wav.ts';

test('a WAV file says what it holds and holds it in order', () => {
  const file = wavOf([new Int16Array([1, -2]).buffer, new Int16Array([3]).buffer], 16_000);
  const view = new DataView(file);
  const text = (at: number, length: number): string =>
    String.fromCharCode(...new Uint8Array(file, at, length));
  expect([text(0, 4), text(8, 8), text(36, 4)]).toEqual(['RIFF', 'WAVEfmt ', 'data']);
  expect(view.getUint32(4, true)).toBe(file.byteLength - 8);
  expect([view.getUint16(20, true), view.getUint16(22, true), view.getUint16(34, true)]).toEqual([1, 1, 16]);
  expect([view.getUint32(24, true), view.getUint32(28, true)]).toEqual([16_000, 32_000]);
  expect(view.getUint32(40, true)).toBe(6);
  expect([0, 1, 2].map((i) => view.getInt16(44 + 2 * i, true))).toEqual([1, -2, 3]);
});
