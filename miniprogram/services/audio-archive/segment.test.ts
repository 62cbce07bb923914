import { describe, expect, test } from 'vitest';
import {
  decodeSegment,
  readSegmentName,
  type Segment,
  SegmentEncoder,
  segmentBytes,
  segmentName,
} from './segment.ts';
import { rmsError, tone } from './testing/archive-rig.ts';

const RATE_HZ = 16_000;
const segmentOf = (samples: number, fromPos = 0): Segment => ({
  sessionId: 'Session0001',
  startedAt: 1_760_000_000_000,
  rateHz: RATE_HZ,
  fromPos,
  samples,
});

describe('the name of a segment', () => {
  test('says everything that the index needs', () => {
    const segment = segmentOf(480_000, 57_600_000);
    expect(readSegmentName(segmentName(segment))).toEqual(segment);
  });

  test.each([
    '',
    'a.json',
    'a.1.16000.0.0.adpcm',
    'a.1.16000.-5.10.adpcm',
    '../a.1.16000.0.10.adpcm',
    'a.1.16000.0.10.adpcm.tmp',
  ])('another file is none: %j', (name) => expect(readSegmentName(name)).toBeNull());
});

describe('a segment', () => {
  test.each([1, 2, 15_999, 16_000, 16_001, 480_000])(
    'of %i samples has the length that is computed',
    (samples) => {
      const encoder = new SegmentEncoder(RATE_HZ);
      encoder.add(tone(0, samples));
      expect(encoder.take().byteLength).toBe(segmentBytes(segmentOf(samples)));
    },
  );

  test('takes a quarter of the PCM and sounds like it, from any sample on', () => {
    const encoder = new SegmentEncoder(RATE_HZ);
    const pcm = tone(0, 50_000);
    for (let at = 0; at < pcm.length; at += 1_777) encoder.add(pcm.subarray(at, at + 1_777));
    const { buffer } = encoder.take();
    expect(buffer.byteLength).toBeLessThan(0.26 * pcm.byteLength);
    const out = new Int16Array(20_000);
    decodeSegment(segmentOf(50_000, 1_000), buffer, { fromPos: 24_456, toPos: 44_456 }, out, 24_456);
    expect(rmsError(out, pcm.subarray(23_456, 43_456))).toBeLessThan(0.05);
  });

  test.each([
    ['cut off', (file: ArrayBuffer) => file.slice(0, -5)],
    ['overwritten', (file: ArrayBuffer) => new Uint8Array(file).fill(255).buffer],
    ['empty', () => new ArrayBuffer(0)],
  ])('that is %s is told, not played', (_what, damage) => {
    const encoder = new SegmentEncoder(RATE_HZ);
    encoder.add(tone(0, 20_000));
    const file = damage(encoder.take().buffer);
    const range = { fromPos: 0, toPos: 20_000 };
    expect(() => decodeSegment(segmentOf(20_000), file, range, new Int16Array(20_000), 0)).toThrow(
      RangeError,
    );
  });
});
