import { describe, expect, test } from 'vitest';
import { PcmFramer } from './pcm.ts';
import { readOptions } from './recorder-options.ts';

describe('the recorder cuts audio into frames', () => {
  test('frames have the asked size, whatever the size of the blocks', () => {
    const framer = new PcmFramer(8);
    const frames = [3, 3, 5].flatMap((length) => framer.push(new Float32Array(length)));
    expect(frames.map(({ byteLength }) => byteLength)).toEqual([8, 8]);
    expect(framer.flush()?.byteLength).toBe(6);
    expect(framer.flush()).toBeUndefined();
    expect(framer.samples).toBe(11);
  });

  test('samples are 16-bit little-endian, and clipped when too loud', () => {
    const [frame] = new PcmFramer(8).push(new Float32Array([0, 1, -1, 2]));
    expect([...new Int16Array(frame as ArrayBuffer)]).toEqual([0, 32_767, -32_767, 32_767]);
  });

  test('the app may change a frame without changing the file', () => {
    const framer = new PcmFramer(2);
    const [frame] = framer.push(new Float32Array([1]));
    new Uint8Array(frame as ArrayBuffer).fill(0);
    expect(framer.pieces().flatMap((piece) => [...piece])).toEqual([255, 127]);
  });
});

describe('the recorder accepts the options that a phone accepts', () => {
  test('a bit rate must fit the sample rate', () => {
    expect(() => readOptions({ format: 'PCM', sampleRate: 16_000, encodeBitRate: 16_000 })).toThrow(
      'encodeBitRate',
    );
    expect(readOptions({ format: 'PCM', sampleRate: 16_000, encodeBitRate: 48_000 })).toMatchObject({
      rateHz: 16_000,
    });
  });

  test('no frames are given unless a frame size was asked for', () => {
    expect(readOptions({ format: 'PCM' }).framed).toBe(false);
    expect(readOptions({ format: 'PCM', frameSize: 4 })).toMatchObject({ framed: true, frameBytes: 4096 });
  });

  test('ten minutes are the longest recording, and one minute the default', () => {
    expect(() => readOptions({ format: 'PCM', duration: 600_001 })).toThrow('duration');
    expect(readOptions({ format: 'PCM' }).durationMs).toBe(60_000);
  });

  test('formats that a browser cannot encode are refused by name', () => {
    expect(() => readOptions({ format: 'mp3' })).toThrow('mp3');
  });
});
