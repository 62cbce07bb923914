import { describe, expect, it } from 'vitest';
import { BYTES_PER_SAMPLE, CLIENT_RING_MS, msToSamples, PROGRESS_MS } from '../../../contract/limits.ts';
import type { AudioEncoding } from '../../../contract/stream.ts';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { adpcmSamples } from '../../../lib/ima-adpcm.ts';
import { RATE_HZ, speech } from '../testing/audio.ts';
import { AudioRing } from './ring.ts';
import { Sender } from './sender.ts';

const FRAME_MS = 200;
/** What is said is of no account here. */
const FRAME = speech(0, msToSamples(FRAME_MS, RATE_HZ));
/** Of a Socket.IO packet with an attachment, its WebSocket frames included. */
const OVERHEAD_BYTES = 90;
/** The service waits so long for the answer to a heartbeat (`PING_TIMEOUT_MS`), and the phone for a confirmation (`SILENCE_MS`). */
const HEARTBEAT_MS = 10_000;
const SILENCE_MS = 8_000;

interface LinkOptions {
  /** Whether the container takes ADPCM. */
  adpcm: boolean;
  /** kbit/s, by the time since the beginning. */
  kbps: (atMs: number) => number;
  /** One way. */
  latencyMs?: number;
}

/** Somebody speaks for `ms` into a sender whose link carries so much and no more. */
function speakOver(ms: number, { adpcm, kbps, latencyMs = 50 }: LinkOptions) {
  const clock = new FakeClock(0);
  const ring = new AudioRing(RATE_HZ, msToSamples(CLIENT_RING_MS, RATE_HZ));
  const sender = new Sender(ring, RATE_HZ, clock);
  const encodings: AudioEncoding[] = [];
  const queue: { endPos: number; bytes: number }[] = [];
  let received = 0;
  let queuedBytes = 0;
  const seen = { lostMs: 0, lateMs: 0, heartbeatMs: 0, silenceMs: 0, lastLateMs: 0 };
  let confirmedAtMs = 0;

  const samplesOf = (frame: ArrayBuffer, encoding: AudioEncoding): number =>
    encoding === 'adpcm' ? adpcmSamples(new Uint8Array(frame)) : frame.byteLength / BYTES_PER_SAMPLE;
  const output = {
    audio(pos: number, frame: ArrayBuffer, encoding: AudioEncoding) {
      if (encodings.at(-1) !== encoding) encodings.push(encoding);
      const bytes = frame.byteLength + OVERHEAD_BYTES;
      queue.push({ endPos: pos + samplesOf(frame, encoding), bytes });
      queuedBytes += bytes;
    },
    skip: ({ fromPos, toPos }: { fromPos: number; toPos: number }) => {
      seen.lostMs += ((toPos - fromPos) * 1_000) / RATE_HZ;
      clock.after(2 * latencyMs, () => {
        received = Math.max(received, toPos);
        sender.skipped(received);
      });
    },
  };
  const carry = () => {
    let bytes = (kbps(clock.now()) * FRAME_MS) / 8;
    for (let first = queue[0]; first && bytes > 0; first = queue[0]) {
      const part = Math.min(bytes, first.bytes);
      bytes -= part;
      first.bytes -= part;
      queuedBytes -= part;
      if (first.bytes > 0) break;
      queue.shift();
      const { endPos } = first;
      clock.after(latencyMs, () => {
        received = Math.max(received, endPos);
      });
    }
  };
  const confirm = () => {
    const nextPos = received;
    clock.after(latencyMs, () => {
      confirmedAtMs = clock.now();
      sender.progress(nextPos, Number.MAX_SAFE_INTEGER);
      // what is recognised and stored at once
      ring.forget(nextPos);
    });
    clock.after(PROGRESS_MS, confirm);
  };
  sender.open(output, { nextPos: 0, limitPos: Number.MAX_SAFE_INTEGER, maxFrameBytes: 64_000, adpcm });
  clock.after(PROGRESS_MS, confirm);
  for (let atMs = 0; atMs < ms; atMs += FRAME_MS) {
    ring.append(FRAME);
    sender.pump();
    carry();
    clock.advanceSync(FRAME_MS);
    seen.lastLateMs = ((ring.endPos - received) * 1_000) / RATE_HZ;
    seen.lateMs = Math.max(seen.lateMs, seen.lastLateMs);
    seen.heartbeatMs = Math.max(seen.heartbeatMs, (queuedBytes * 8) / kbps(clock.now()));
    seen.silenceMs = Math.max(seen.silenceMs, clock.now() - confirmedAtMs);
  }
  return { ...seen, encodings };
}

describe('a link of 100 kbit/s, for ten minutes', () => {
  const kbps = () => 100;

  it('overflows with PCM: audio is lost', () => {
    const { lostMs, encodings } = speakOver(600_000, { adpcm: false, kbps });
    expect(encodings).toEqual(['pcm']);
    expect(lostMs).toBeGreaterThan(60_000);
  });

  it('carries ADPCM: nothing is lost, text is late by seconds, heartbeats are in time', () => {
    const { lostMs, lateMs, heartbeatMs, silenceMs, encodings } = speakOver(600_000, {
      adpcm: true,
      kbps,
    });
    expect(lostMs).toBe(0);
    expect(lateMs).toBeLessThan(10_000);
    expect(heartbeatMs).toBeLessThan(HEARTBEAT_MS);
    expect(silenceMs).toBeLessThan(SILENCE_MS);
    // PCM is tried again, more and more seldom
    expect(encodings.length).toBeGreaterThan(2);
    expect(encodings.length).toBeLessThan(14);
  });
});

it('the slowest link that carries ADPCM at all, 80 kbit/s: nothing is lost, and heartbeats are in time', () => {
  const { lostMs, heartbeatMs, silenceMs } = speakOver(600_000, { adpcm: true, kbps: () => 80 });
  expect(lostMs).toBe(0);
  expect(heartbeatMs).toBeLessThan(HEARTBEAT_MS);
  expect(silenceMs).toBeLessThan(SILENCE_MS);
});

it('a link that becomes slow and fast again goes to ADPCM and back to PCM, and is level in the end', () => {
  const kbps = (atMs: number) => (atMs > 60_000 && atMs < 180_000 ? 100 : 2_000);
  const { lostMs, lastLateMs, encodings } = speakOver(600_000, { adpcm: true, kbps });
  expect(lostMs).toBe(0);
  expect(encodings.at(0)).toBe('pcm');
  expect(encodings).toContain('adpcm');
  expect(encodings.at(-1)).toBe('pcm');
  expect(lastLateMs).toBeLessThan(1_500);
});

it.each([50, 400, 700])('a fast link with %d ms each way has PCM throughout', (latencyMs) => {
  const { encodings, lateMs } = speakOver(300_000, { adpcm: true, kbps: () => 2_000, latencyMs });
  expect(encodings).toEqual(['pcm']);
  expect(lateMs).toBeLessThan(3_000);
});
