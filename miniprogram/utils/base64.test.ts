import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64Of } from './base64.ts';

test('is the Base64 that everybody reads, for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(base64Of(bytes.slice().buffer)).toBe(Buffer.from(bytes).toString('base64'));
    }),
  );
});

test('also over the seams of its pieces', () => {
  const bytes = Uint8Array.from({ length: 40_000 }, (_, i) => i * 31);
  expect(base64Of(bytes.buffer)).toBe(Buffer.from(bytes).toString('base64'));
});
