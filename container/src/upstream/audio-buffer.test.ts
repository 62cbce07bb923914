import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AudioBuffer } from './audio-buffer.ts';

/** Samples that hold their own position, so that every byte tells where it belongs. */
const samples = (from: number, to: number): Uint8Array =>
  new Uint8Array(Uint16Array.from({ length: to - from }, (_, i) => from + i).buffer);

describe('the audio buffer', () => {
  it('gives back by position what came, however it was cut and repeated', () => {
    const frames = fc.array(fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 40 })), { maxLength: 40 });
    fc.assert(
      fc.property(frames, fc.nat(400), fc.integer({ min: 1, max: 100 }), (list, from, length) => {
        const buffer = new AudioBuffer(0);
        for (const [back, size] of list) {
          const pos = Math.max(0, buffer.endPos - back);
          buffer.append(pos, samples(pos, pos + size));
        }
        const to = Math.min(from + length, buffer.endPos);
        expect(Buffer.from(buffer.read(from, length))).toEqual(Buffer.from(samples(Math.min(from, to), to)));
      }),
      { seed: 7 },
    );
  });

  it('keeps few pieces of many tiny frames', () => {
    const buffer = new AudioBuffer(0);
    for (let pos = 0; pos < 32_000; pos++) buffer.append(pos, samples(pos, pos + 1));
    expect(buffer.chunkCount).toBeLessThan(100);
    expect(Buffer.from(buffer.read(0, 32_000))).toEqual(Buffer.from(samples(0, 32_000)));
  });

  it('refuses a frame behind a gap and keeps what it had', () => {
    const buffer = new AudioBuffer(100);
    expect(buffer.append(101, samples(0, 5))).toBe('gap');
    expect(buffer.endPos).toBe(100);
  });

  it('forgets, but never what lies behind', () => {
    const buffer = new AudioBuffer(0);
    buffer.append(0, samples(0, 10));
    buffer.append(10, samples(10, 20));
    buffer.forgetBefore(15);
    expect([buffer.startPos, buffer.endPos]).toEqual([15, 20]);
    expect(Buffer.from(buffer.read(0, 100))).toEqual(Buffer.from(samples(15, 20)));
    buffer.forgetBefore(99);
    expect(buffer.read(0, 100)).toHaveLength(0);
  });

  it('does not read across a hole, and tells where the audio goes on', () => {
    const buffer = new AudioBuffer(0);
    buffer.append(0, samples(0, 10));
    buffer.skipTo(50);
    expect(buffer.audioFrom(10)).toBe(50);
    buffer.append(50, samples(50, 60));
    expect(Buffer.from(buffer.read(5, 100))).toEqual(Buffer.from(samples(5, 10)));
    expect(buffer.audioFrom(4)).toBe(4);
    expect(buffer.audioFrom(20)).toBe(50);
    expect(Buffer.from(buffer.read(50, 5))).toEqual(Buffer.from(samples(50, 55)));
  });

  it('does not keep the memory of the socket’s buffer', () => {
    const buffer = new AudioBuffer(0);
    const frame = samples(0, 4);
    buffer.append(0, frame);
    frame.fill(255);
    expect(Buffer.from(buffer.read(0, 4))).toEqual(Buffer.from(samples(0, 4)));
  });
});
