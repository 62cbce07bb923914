import { describe, expect, it } from 'vitest';
import type { AudioEncoding } from '../../../contract/stream.ts';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { adpcmSamples } from '../../../lib/ima-adpcm.ts';
import { RATE_HZ, speech } from '../testing/audio.ts';
import { AudioRing } from './ring.ts';
import { Sender } from './sender.ts';

const SECOND = RATE_HZ;

function setUp(seconds: number, ringSeconds = 120) {
  const clock = new FakeClock();
  const ring = new AudioRing(RATE_HZ, ringSeconds * SECOND);
  ring.append(speech(0, seconds * SECOND));
  const sender = new Sender(ring, RATE_HZ, clock);
  const sent: { pos: number; samples: number; encoding: AudioEncoding; bytes: number }[] = [];
  const skips: unknown[] = [];
  const port = {
    audio: (pos: number, frame: ArrayBuffer, encoding: AudioEncoding) => {
      const samples = encoding === 'pcm' ? frame.byteLength / 2 : adpcmSamples(new Uint8Array(frame));
      sent.push({ pos, samples, encoding, bytes: frame.byteLength });
    },
    skip: (range: unknown) => skips.push(range),
  };
  const open = (nextPos = 0, limitPos = 1_000 * SECOND, adpcm = false) => {
    sender.open(port, { nextPos, limitPos, maxFrameBytes: 64_000, adpcm });
    sender.pump();
  };
  const sentTo = () => Math.max(...sent.map(({ pos, samples }) => pos + samples));
  return { clock, ring, sender, sent, skips, open, sentTo };
}

describe('the sender', () => {
  it('sends nothing before it is opened and after it is closed', () => {
    const { sender, sent, open } = setUp(1);
    sender.pump();
    expect(sent).toEqual([]);
    open();
    sent.length = 0;
    sender.close();
    sender.progress(0, 1_000 * SECOND);
    sender.pump();
    expect(sent).toEqual([]);
  });

  it('replays in large frames and is level in small ones', () => {
    const { sent, open } = setUp(3);
    open();
    expect(sent.map(({ samples }) => samples)).toEqual([16_000, 16_000, 3_200, 3_200, 3_200, 3_200, 3_200]);
  });

  it('has no more on its way than a slow link can carry', () => {
    const { sender, open, sentTo } = setUp(60);
    open();
    expect(sentTo()).toBe(4 * SECOND);
    sender.progress(2 * SECOND, 1_000 * SECOND);
    expect(sentTo()).toBe(6 * SECOND);
  });

  it('stops at the limit', () => {
    const { open, sentTo } = setUp(10);
    open(0, 2 * SECOND);
    expect(sentTo()).toBe(2 * SECOND);
  });

  it('after TOO_FAST sends from the same place, once the limit moves', () => {
    const { sender, sent, open } = setUp(2);
    open();
    sent.length = 0;
    sender.wait(SECOND);
    sender.pump();
    expect(sent).toEqual([]);
    expect(sender.expecting).toBe(true);
    sender.progress(SECOND, 10 * SECOND);
    expect(sent[0]?.pos).toBe(SECOND);
  });

  it('answers the refusals of all frames behind a gap with one rewind', () => {
    const { clock, sender, sent, open } = setUp(2);
    open();
    sent.length = 0;
    sender.rewind(SECOND);
    const once = sent.length;
    sender.rewind(SECOND);
    expect(sent).toHaveLength(once);
    clock.freeze(5_000);
    sender.rewind(SECOND);
    expect(sent).toHaveLength(2 * once);
  });

  it('declares a gap only when all before it has arrived', () => {
    const { ring, sender, skips, open } = setUp(4, 30);
    open(0, 2 * SECOND);
    ring.append(speech(4 * SECOND, 40 * SECOND));
    sender.pump();
    expect(skips).toEqual([]);
    sender.progress(2 * SECOND, 3 * SECOND);
    expect(skips).toEqual([{ fromPos: 2 * SECOND, toPos: 14 * SECOND }]);
    sender.progress(2 * SECOND, 60 * SECOND);
    expect(skips).toHaveLength(1);
  });

  it('goes on behind a declared gap', () => {
    const { ring, sender, sent, open } = setUp(4, 30);
    ring.append(speech(4 * SECOND, 40 * SECOND));
    open();
    expect(sent).toEqual([]);
    sender.skipped(14 * SECOND);
    expect(sent[0]?.pos).toBe(14 * SECOND);
  });

  it('is done only when everything up to the end was sent', () => {
    const { sender, open } = setUp(1);
    expect(sender.done).toBe(false);
    sender.end(SECOND);
    open(0, SECOND / 2);
    expect(sender.done).toBe(false);
    sender.progress(SECOND / 2, SECOND);
    expect(sender.done).toBe(true);
  });

  it('declares the missing end of a recording that was found again', () => {
    const { sender, skips, open } = setUp(1);
    sender.end(3 * SECOND);
    open();
    expect(skips).toEqual([]);
    sender.progress(SECOND, 10 * SECOND);
    expect(skips).toEqual([{ fromPos: SECOND, toPos: 3 * SECOND }]);
    sender.skipped(3 * SECOND);
    expect(sender.done).toBe(true);
  });
});

describe('with a container that takes ADPCM', () => {
  const TO_COME = 1_000 * SECOND;
  const bytesOf = (sent: { bytes: number }[]) => sent.reduce((sum, { bytes }) => sum + bytes, 0);

  it('a replay goes as ADPCM, without a hole, and no more is on its way than a slow link can carry', () => {
    const { sent, open, sentTo } = setUp(60);
    open(0, TO_COME, true);
    expect(new Set(sent.map(({ encoding }) => encoding))).toEqual(new Set(['adpcm']));
    expect(sent.map(({ pos }) => pos)).toEqual(sent.map((_, second) => second * SECOND));
    expect(sentTo()).toBe(7 * SECOND);
    expect(bytesOf(sent)).toBeLessThanOrEqual(64_000);
  });

  it('what is recorded just now goes as PCM, up to the same bytes', () => {
    const { ring, sender, sent, open } = setUp(0);
    open(0, TO_COME, true);
    for (let at = 0; at < 15; at++) {
      ring.append(speech(at * 3_200, 3_200));
      sender.pump();
    }
    expect(new Set(sent.map(({ encoding }) => encoding))).toEqual(new Set(['pcm']));
    expect(bytesOf(sent)).toBe(64_000);
  });

  it('after a frame that could not be read everything is PCM, from the next connection on', () => {
    const { sender, sent, open } = setUp(6);
    open(0, TO_COME, true);
    sender.avoidAdpcm();
    sender.close();
    sent.length = 0;
    open(2 * SECOND, TO_COME, true);
    expect(sent[0]).toMatchObject({ pos: 2 * SECOND, encoding: 'pcm' });
    expect(new Set(sent.map(({ encoding }) => encoding))).toEqual(new Set(['pcm']));
    expect(bytesOf(sent)).toBeLessThanOrEqual(64_000);
  });
});
