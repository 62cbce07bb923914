import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { speech } from '../testing/audio.ts';
import { AudioRing } from './ring.ts';

const RATE_HZ = 100;
const ring = (maxSamples = 1_000, startPos = 0): AudioRing => new AudioRing(RATE_HZ, maxSamples, startPos);
const same = (a: ArrayBuffer, b: ArrayBuffer): void => expect(new Int16Array(a)).toEqual(new Int16Array(b));

describe('the ring', () => {
  it('gives back what was appended, in buffers of exactly its size', () => {
    const audio = ring();
    audio.append(speech(0, 250));
    same(audio.read(70, 100), speech(70, 100));
    expect(audio.read(240, 100).byteLength).toBe(20);
  });

  it('drops the oldest where it is full, and returns what', () => {
    const audio = ring(300);
    expect(audio.append(speech(0, 300))).toBeNull();
    expect(audio.append(speech(300, 50))).toEqual({ fromPos: 0, toPos: 50 });
    expect([audio.startPos, audio.endPos]).toEqual([50, 350]);
    expect(() => audio.read(49, 1)).toThrow(RangeError);
    same(audio.read(50, 300), speech(50, 300));
  });

  it('holds no more than its limit of one huge append', () => {
    const audio = ring(300);
    expect(audio.append(speech(0, 5_000))).toEqual({ fromPos: 0, toPos: 4_700 });
    same(audio.read(4_700, 300), speech(4_700, 300));
    expect(audio.blocks().length).toBeLessThanOrEqual(4);
  });

  it('ignores half a sample', () => {
    const audio = ring();
    audio.append(new ArrayBuffer(7));
    audio.append(new ArrayBuffer(1));
    expect(audio.endPos).toBe(3);
  });

  it('forgets no further than it holds, and never backwards', () => {
    const audio = ring();
    audio.append(speech(0, 100));
    audio.forget(60);
    audio.forget(20);
    expect(audio.startPos).toBe(60);
    audio.forget(5_000);
    expect([audio.startPos, audio.endPos]).toEqual([100, 100]);
  });

  it('begins anew at a given position', () => {
    const audio = ring();
    audio.append(speech(0, 100));
    audio.rebase(5_030);
    audio.append(speech(5_030, 200));
    same(audio.read(5_030, 200), speech(5_030, 200));
    expect(audio.blocks()).toEqual([
      { index: 50, range: { fromPos: 5_030, toPos: 5_100 } },
      { index: 51, range: { fromPos: 5_100, toPos: 5_200 } },
      { index: 52, range: { fromPos: 5_200, toPos: 5_230 } },
    ]);
  });

  it('holds the newest samples, whatever was appended and forgotten', () => {
    const step = fc.record({ append: fc.nat(400), forget: fc.nat(600) });
    fc.assert(
      fc.property(fc.array(step), fc.nat(1_000), (steps, startPos) => {
        const audio = ring(500, startPos);
        for (const { append, forget } of steps) {
          audio.append(speech(audio.endPos, append));
          audio.forget(audio.startPos + forget);
          expect(audio.endPos - audio.startPos).toBeLessThanOrEqual(500);
          const held = audio.endPos - audio.startPos;
          same(audio.read(audio.startPos, held), speech(audio.startPos, held));
        }
      }),
    );
  });
});
