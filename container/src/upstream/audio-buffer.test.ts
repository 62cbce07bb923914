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

  it('gives back what came also where audio is forgotten on the way, and its memory is used again', () => {
    const SECOND = 16_384;
    const steps = fc.array(fc.record({ forgetTo: fc.nat(10 * SECOND), readFrom: fc.nat(10 * SECOND) }), {
      minLength: 10,
      maxLength: 10,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const buffer = new AudioBuffer(0);
        for (const { forgetTo, readFrom } of list) {
          for (let i = 0; i < 8; i++)
            buffer.append(buffer.endPos, samples(buffer.endPos, buffer.endPos + SECOND / 8));
          buffer.forgetBefore(Math.min(forgetTo, buffer.endPos));
          const from = Math.max(buffer.startPos, Math.min(readFrom, buffer.endPos));
          const to = Math.min(buffer.endPos, from + SECOND);
          expect(Buffer.from(buffer.read(from, SECOND)).equals(samples(from, to))).toBe(true);
        }
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  it('takes no new memory while as much is forgotten as comes, and keeps little that it does not need', () => {
    const buffer = new AudioBuffer(0);
    const memory = new Set<ArrayBufferLike>();
    const frame = samples(0, 2_048);
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 8; i++) {
        buffer.append(buffer.endPos, frame);
        memory.add(buffer.read(buffer.endPos - 2_048, 2_048).buffer);
      }
      if (second % 4 === 3) buffer.forgetBefore(buffer.endPos - 8_000);
    }
    // two before chunks have their full size; four seconds and a half reach into six
    expect(memory.size).toBeLessThanOrEqual(2 + 6);
    buffer.forgetBefore(buffer.endPos);
    expect(buffer.memoryBytes).toBeLessThanOrEqual(4 * 32_768);
  });

  it('keeps few pieces of many tiny frames', () => {
    const buffer = new AudioBuffer(0);
    for (let pos = 0; pos < 32_000; pos++) buffer.append(pos, samples(pos, pos + 1));
    expect(buffer.chunkCount).toBeLessThan(100);
    expect(Buffer.from(buffer.read(0, 32_000))).toEqual(Buffer.from(samples(0, 32_000)));
  });

  it('takes little more memory than the audio, also between many holes', () => {
    const [whole, holey] = [new AudioBuffer(0), new AudioBuffer(0)];
    for (let pos = 0; pos < 64_000; pos += 640) {
      whole.append(pos, samples(pos, pos + 640));
      for (const at of [pos, pos + 1]) holey.append(at, samples(at, at + 1));
      holey.skipTo(pos + 640);
    }
    expect(whole.memoryBytes).toBeLessThan(2 * 64_000 + 40_000);
    expect(holey.memoryBytes).toBeLessThan(10 * holey.samplesBetween(0, 64_000));
  });

  it('gives a frame that was just taken as it lies in memory', () => {
    const buffer = new AudioBuffer(0);
    for (let pos = 0; pos < 64_000; pos += 2_048) {
      buffer.append(pos, samples(pos, pos + 2_048));
      expect(Buffer.isBuffer(buffer.read(pos, 3_200))).toBe(false);
    }
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
