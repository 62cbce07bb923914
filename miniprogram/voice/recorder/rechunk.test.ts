import { describe, expect, test } from 'vitest';
import { Rechunker } from './rechunk.ts';

const bytesOf = (...values: number[]): ArrayBuffer => new Uint8Array(values).buffer;
function collect(pieceBytes: number) {
  const pieces: number[][] = [];
  const rechunker = new Rechunker(pieceBytes, (piece) => pieces.push([...new Uint8Array(piece)]));
  return { rechunker, pieces };
}

describe('Rechunker', () => {
  test('cuts by bytes, whatever the sizes that come in', () => {
    const { rechunker, pieces } = collect(4);
    rechunker.push(bytesOf(1));
    rechunker.push(bytesOf(2, 3, 4, 5, 6, 7, 8, 9, 10));
    rechunker.push(bytesOf());
    rechunker.push(bytesOf(11, 12));
    expect(pieces).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, 12],
    ]);
  });

  test('keeps an odd byte for the frame that brings its other half', () => {
    const { rechunker, pieces } = collect(2);
    rechunker.push(bytesOf(1, 2, 3));
    expect(pieces).toEqual([[1, 2]]);
    rechunker.push(bytesOf(4));
    expect(pieces).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('flush hands out whole samples and drops half a one, so that the next recording is not shifted', () => {
    const { rechunker, pieces } = collect(8);
    rechunker.push(bytesOf(1, 2, 3, 4, 5));
    rechunker.flush();
    rechunker.push(bytesOf(10, 11));
    rechunker.flush();
    rechunker.flush();
    expect(pieces).toEqual([
      [1, 2, 3, 4],
      [10, 11],
    ]);
  });

  test('a piece owns its memory: a recorder that reuses its buffer does not change it', () => {
    const kept: ArrayBuffer[] = [];
    const rechunker = new Rechunker(2, (piece) => kept.push(piece));
    const reused = new Uint8Array([1, 2]);
    rechunker.push(reused.buffer);
    reused.fill(0);
    expect([...new Uint8Array(kept[0] as ArrayBuffer)]).toEqual([1, 2]);
  });

  test('a piece size that splits samples is refused', () => {
    expect(() => new Rechunker(3, () => {})).toThrow(RangeError);
  });
});
