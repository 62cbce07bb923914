import { describe, expect, it } from 'vitest';
import type { AudioEncoding, StartAnswer } from '../../../contract/stream.ts';
import { AdpcmEncoder, decodeAdpcm } from '../../../lib/ima-adpcm.ts';
import { at, joined, noise, tone } from '../../testing/audio.ts';
import { FakeClientSocket, Rig } from '../../testing/rig.ts';
import { ClientConnection } from './connection.ts';

const SPEECH = joined(tone(500), noise(500, 6_000));
const END = at(1_000);
/** Bytes that are no block: there is no such step. */
const NO_BLOCK = Uint8Array.of(0, 0, 200, 0, 1, 2, 3);

const samplesOf = (pcm: Uint8Array): Int16Array =>
  new Int16Array(pcm.buffer, pcm.byteOffset, pcm.byteLength / 2);

/** A stretch of {@link SPEECH} as it is sent, and as it must be heard. */
function part(fromMs: number, toMs: number, encoding: AudioEncoding) {
  const pcm = SPEECH.slice(at(fromMs) * 2, at(toMs) * 2);
  if (encoding === 'pcm') return { pos: at(fromMs), frame: pcm, heard: pcm };
  const frame = new AdpcmEncoder().encode(samplesOf(pcm));
  return { pos: at(fromMs), frame, heard: new Uint8Array(decodeAdpcm(frame).buffer) };
}

async function started(request: object = {}) {
  const rig = new Rig();
  const peer = new FakeClientSocket();
  const connection = new ClientConnection(rig.connectionDeps, peer, async () => 'oUser', true);
  const answer = await new Promise<StartAnswer>((resolve) =>
    connection.handle('start', [{ sessionId: 'session-1', clientId: 'client-1', ...request }], (one) =>
      resolve(one as StartAnswer),
    ),
  );
  rig.asr.newest.open();
  const send = (pos: number, frame: unknown, ...encoding: unknown[]) =>
    connection.handle('audio', [pos, frame, ...encoding], undefined);
  /** What the recogniser was sent in all. */
  const heard = async () => {
    await rig.clock.advance(3_000);
    return Buffer.concat(rig.asr.newest.audio);
  };
  return { rig, peer, answer, send, heard };
}

describe('start', () => {
  it('says which of the offered encodings are taken', async () => {
    expect((await started({ encodings: ['opus', 'adpcm'] })).answer.encodings).toEqual(['adpcm']);
  });

  it('says nothing to a client that offers none, or none that is known', async () => {
    expect((await started()).answer).not.toHaveProperty('encodings');
    expect((await started({ encodings: ['opus'] })).answer).not.toHaveProperty('encodings');
  });
});

describe('frames of ADPCM', () => {
  it('are heard where their positions say, between frames of PCM', async () => {
    const { peer, send, heard } = await started();
    const parts = [part(0, 300, 'pcm'), part(300, 700, 'adpcm'), part(700, 1_000, 'pcm')];
    for (const [i, { pos, frame }] of parts.entries()) send(pos, frame, i === 1 ? 'adpcm' : 'pcm');
    expect(await heard()).toEqual(Buffer.concat(parts.map((one) => one.heard)));
    expect(peer.codes).toEqual([]);
    expect(peer.of('progress').at(-1)?.nextPos).toBe(END);
  });

  it.each<[first: AudioEncoding, again: AudioEncoding]>([
    ['pcm', 'adpcm'],
    ['adpcm', 'pcm'],
    ['adpcm', 'adpcm'],
  ])('that overlap are trimmed by sample: %s, and then %s', async (first, again) => {
    const { peer, send, heard } = await started();
    const before = part(0, 600, first);
    // from 250 ms before its end, and not at a frame's edge
    const after = part(350, 1_000, again);
    send(before.pos, before.frame, first);
    send(after.pos, after.frame, again);
    expect(await heard()).toEqual(
      Buffer.concat([before.heard, after.heard.subarray((at(600) - at(350)) * 2)]),
    );
    expect(peer.codes).toEqual([]);
    expect(peer.of('progress').at(-1)?.nextPos).toBe(END);
  });

  it('behind a gap are asked for again from its position', async () => {
    const { peer, send } = await started();
    const { frame } = part(500, 1_000, 'adpcm');
    send(at(500), frame, 'adpcm');
    expect(peer.of('error')).toMatchObject([{ code: 'AUDIO_GAP', nextPos: 0 }]);
  });

  it('that are none are asked for again, and nothing is lost', async () => {
    const { peer, send, heard } = await started();
    const [first, second] = [part(0, 400, 'adpcm'), part(400, 1_000, 'pcm')];
    send(first.pos, first.frame, 'adpcm');
    send(at(400), NO_BLOCK, 'adpcm');
    expect(peer.of('error')).toMatchObject([
      { code: 'BAD_AUDIO', sessionId: 'session-1', nextPos: at(400), detail: 'adpcm', retriable: false },
    ]);
    send(second.pos, second.frame);
    expect(await heard()).toEqual(Buffer.concat([first.heard, second.heard]));
    expect(peer.codes).toEqual(['BAD_AUDIO']);
  });

  it('hold as much as the largest frame of PCM, and no more', async () => {
    const { peer, send } = await started();
    send(0, new AdpcmEncoder().encode(new Int16Array(32_000)), 'adpcm');
    expect(peer.codes).toEqual([]);
    send(32_000, new AdpcmEncoder().encode(new Int16Array(32_001)), 'adpcm');
    expect(peer.of('error')).toMatchObject([{ code: 'TOO_LARGE', nextPos: 32_000 }]);
  });

  it('count as the audio that they hold, not as their bytes', async () => {
    const { peer, send } = await started();
    const block = new AdpcmEncoder().encode(new Int16Array(16_000));
    for (let second = 0; second < 40; second++) send(second * 16_000, block, 'adpcm');
    expect(peer.codes).toContain('TOO_FAST');
    expect(peer.codes).toContain('RATE_LIMITED');
  });

  it('of another encoding than those that are known are refused, and disturb nothing', async () => {
    const { peer, send, heard } = await started();
    send(0, SPEECH, 'opus');
    send(0, SPEECH);
    expect(await heard()).toEqual(Buffer.from(SPEECH));
    expect(peer.codes).toEqual(['BAD_AUDIO']);
  });
});
