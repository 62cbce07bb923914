import { describe, expect, test } from 'vitest';
import { Gatherer } from './gather.ts';

const bytesOf = (...values: number[]): ArrayBuffer => new Uint8Array(values).buffer;
function collect(leastBytes: number) {
  const pieces: number[][] = [];
  const gatherer = new Gatherer(leastBytes, (piece) => pieces.push([...new Uint8Array(piece)]));
  return { gatherer, pieces };
}

describe('Gatherer', () => {
  test('what comes is handed on at once, whatever its size', () => {
    const { gatherer, pieces } = collect(4);
    gatherer.push(bytesOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    expect(pieces).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]);
    gatherer.push(bytesOf(11, 12, 13, 14));
    expect(pieces[1]).toEqual([11, 12, 13, 14]);
  });

  test('what is shorter than the least waits for more', () => {
    const { gatherer, pieces } = collect(4);
    gatherer.push(bytesOf());
    gatherer.push(bytesOf(1, 2));
    expect(pieces).toEqual([]);
    gatherer.push(bytesOf(3, 4, 5, 6));
    expect(pieces).toEqual([[1, 2, 3, 4, 5, 6]]);
  });

  test('keeps an odd byte for the frame that brings its other half', () => {
    const { gatherer, pieces } = collect(2);
    gatherer.push(bytesOf(1, 2, 3));
    gatherer.push(bytesOf(4));
    expect(pieces).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('flush hands on whole samples and drops half a one, so that the next recording is not shifted', () => {
    const { gatherer, pieces } = collect(8);
    gatherer.push(bytesOf(1, 2, 3, 4, 5));
    gatherer.flush();
    gatherer.push(bytesOf(10, 11));
    gatherer.flush();
    gatherer.flush();
    expect(pieces).toEqual([
      [1, 2, 3, 4],
      [10, 11],
    ]);
  });

  test('a piece owns its memory: a recorder that reuses its buffer does not change it', () => {
    const kept: ArrayBuffer[] = [];
    const gatherer = new Gatherer(2, (piece) => kept.push(piece));
    const reused = new Uint8Array([1, 2]);
    gatherer.push(reused.buffer);
    reused.fill(0);
    expect([...new Uint8Array(kept[0] as ArrayBuffer)]).toEqual([1, 2]);
  });
});
