import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mask, unmask } from './masking.ts';

const KEY = Uint8Array.of(0x12, 0xf4, 0x00, 0x9c);
const masked = (bytes: Uint8Array): number[] => [...bytes].map((byte, i) => byte ^ (KEY[i & 3] as number));
/** Bytes at any place of a larger piece of memory. */
const placed = fc.tuple(fc.uint8Array({ maxLength: 70 }), fc.nat(9)).map(([bytes, offset]) => {
  const memory = new Uint8Array(bytes.length + 16).fill(0xaa);
  memory.set(bytes, offset);
  return { memory, offset, bytes: memory.subarray(offset, offset + bytes.length) };
});

it('unmasks in place, wherever the bytes lie, and touches nothing else', () => {
  fc.assert(
    fc.property(placed, ({ memory, offset, bytes }) => {
      const expected = masked(bytes);
      const end = offset + bytes.length;
      unmask(bytes, KEY);
      expect([...bytes]).toEqual(expected);
      expect([...memory.subarray(0, offset), ...memory.subarray(end)].every((byte) => byte === 0xaa)).toBe(
        true,
      );
    }),
    { seed: 7 },
  );
});

it('masks to another place and leaves the source as it was', () => {
  fc.assert(
    fc.property(placed, fc.nat(9), ({ bytes }, offset) => {
      const before = [...bytes];
      const output = new Uint8Array(bytes.length + 16).fill(0xaa);
      mask(bytes, KEY, output, offset, bytes.length);
      expect([...output.subarray(offset, offset + bytes.length)]).toEqual(masked(bytes));
      expect([...output.subarray(offset + bytes.length)].every((byte) => byte === 0xaa)).toBe(true);
      expect([...bytes]).toEqual(before);
    }),
    { seed: 7 },
  );
});
