import { expect, test } from 'vitest';
import { BodyTooLargeError, readBody } from './http-body.ts';

async function* body(sizes: readonly number[], taken: number[] = []): AsyncGenerator<Uint8Array> {
  for (const size of sizes) {
    taken.push(size);
    yield new Uint8Array(size).fill(size);
  }
}

test('chunks are joined', async () => {
  expect([...(await readBody(body([1, 2]), 3))]).toEqual([1, 2, 2]);
});

test('a body over its limit is read to its end, so that the refusal can be read, and refused', async () => {
  const taken: number[] = [];
  await expect(readBody(body([3, 4, 5], taken), 5)).rejects.toThrow(BodyTooLargeError);
  expect(taken).toEqual([3, 4, 5]);
});

test('one far over its limit is not read to its end', async () => {
  const taken: number[] = [];
  await expect(readBody(body([30, 30, 30], taken), 5)).rejects.toThrow('5 bytes');
  expect(taken).toEqual([30, 30]);
});

test('a download over its limit is cancelled at the limit', async () => {
  const taken: number[] = [];
  await expect(readBody(body([3, 4, 5], taken), 5, { discard: false })).rejects.toThrow(BodyTooLargeError);
  expect(taken).toEqual([3, 4]);
});
