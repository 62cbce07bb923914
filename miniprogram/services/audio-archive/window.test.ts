import { describe, expect, test } from 'vitest';
import type { ArchivedRecording } from './archive.ts';
import { segmentName } from './segment.ts';
import { ArchiveRig, audioBytes, RATE_HZ, rmsError, tone } from './testing/archive-rig.ts';
import { type AudioWindow, audioEnd, hasAudio, readWindow } from './window.ts';

/** A session of which this phone recorded these seconds; what is between them it never had. */
async function recorded(...parts: { from: number; seconds: number }[]) {
  const rig = new ArchiveRig();
  for (const { from, seconds } of parts) await rig.record('one', seconds, from);
  const recording = (await rig.archive.recording('one')) as ArchivedRecording;
  const read = (from: number, maxSeconds = 30): Promise<AudioWindow | null> =>
    readWindow(recording, (segment) => rig.archive.read(segment), Math.round(from * RATE_HZ), maxSeconds);
  return { rig, recording, read };
}
const seconds = (pos: number | null): number | null => (pos === null ? null : pos / RATE_HZ);

describe('a window', () => {
  test('begins at the sample that is asked for, in the middle of a segment and of a block', async () => {
    const { read } = await recorded({ from: 0, seconds: 40 });
    const window = await read(25.4321, 10);
    const fromPos = Math.round(25.4321 * RATE_HZ);
    expect(window?.fromPos).toBe(fromPos);
    const { pcm = new Int16Array(0) } = window ?? {};
    expect(rmsError(pcm, tone(fromPos, pcm.length))).toBeLessThan(0.05);
    expect(window?.holes).toEqual([]);
  });

  test('ends in the last third of the asked length, and the next one goes on at the same sample', async () => {
    const { read } = await recorded({ from: 0, seconds: 40 });
    const window = await read(0, 12);
    expect(seconds(window?.toPos ?? 0)).toBeGreaterThanOrEqual(8);
    expect(seconds(window?.toPos ?? 0)).toBeLessThanOrEqual(12);
    expect(window?.nextPos).toBe(window?.toPos);
    expect(window?.pcm).toHaveLength((window?.toPos ?? 0) - (window?.fromPos ?? 0));
  });

  test('ends where it is quietest', async () => {
    const { rig } = await recorded();
    const sink = rig.archive.open('one', RATE_HZ);
    const pcm = tone(0, 20 * RATE_HZ);
    pcm.fill(0, 9 * RATE_HZ, 9.5 * RATE_HZ);
    sink?.append(0, pcm.buffer as ArrayBuffer);
    await sink?.end();
    const recording = (await rig.archive.recording('one')) as ArchivedRecording;
    const window = await readWindow(recording, (segment) => rig.archive.read(segment), 0, 12);
    expect(seconds(window?.toPos ?? 0)).toBeGreaterThan(9);
    expect(seconds(window?.toPos ?? 0)).toBeLessThan(9.5);
  });

  test('behind the last audio there is none', async () => {
    const { read, recording } = await recorded({ from: 0, seconds: 5 });
    expect(await read(5)).toBeNull();
    expect((await read(1))?.nextPos).toBeNull();
    expect(seconds(audioEnd(recording))).toBe(5);
  });
});

describe('a hole', () => {
  test('of up to three seconds is silent, and what follows is at its place', async () => {
    const { read } = await recorded({ from: 0, seconds: 4 }, { from: 6, seconds: 4 });
    const window = await read(0);
    expect(window?.holes.map(({ fromPos, toPos }) => [seconds(fromPos), seconds(toPos)])).toEqual([[4, 6]]);
    const pcm = window?.pcm ?? new Int16Array(0);
    expect(pcm.subarray(4 * RATE_HZ, 6 * RATE_HZ).every((sample) => sample === 0)).toBe(true);
    expect(rmsError(pcm.slice(6 * RATE_HZ), tone(6 * RATE_HZ, 4 * RATE_HZ))).toBeLessThan(0.05);
  });

  test('that is longer is played for three seconds and skipped', async () => {
    const { read } = await recorded({ from: 0, seconds: 4 }, { from: 600, seconds: 4 });
    const before = await read(2);
    expect(seconds(before?.nextPos ?? 0)).toBe(4);
    const hole = await read(4);
    expect([hole?.pcm.length, seconds(hole?.nextPos ?? 0)]).toEqual([3 * RATE_HZ, 600]);
    expect(hole?.holes).toEqual([{ fromPos: 4 * RATE_HZ, toPos: 600 * RATE_HZ }]);
    expect((await read(600))?.holes).toEqual([]);
  });

  test('is what a damaged or deleted segment leaves', async () => {
    const { rig, recording, read } = await recorded({ from: 0, seconds: 70 });
    const [, second, third] = recording.segments;
    if (!second || !third) throw new Error('too few segments');
    await rig.store.write(segmentName(second), new ArrayBuffer(100));
    await rig.store.remove(segmentName(third));
    const window = await read(28, 42);
    expect(window?.holes.map(({ fromPos }) => seconds(fromPos))).toEqual([30, 60]);
    expect(
      rmsError(window?.pcm.slice(0, 2 * RATE_HZ) ?? new Int16Array(0), tone(28 * RATE_HZ, 2 * RATE_HZ)),
    ).toBeLessThan(0.05);
  });

  test('is not what a segment leaves that cannot be read now', async () => {
    const { recording } = await recorded({ from: 0, seconds: 4 });
    const failure = new Error('no network');
    await expect(readWindow(recording, () => Promise.reject(failure), 0, 4)).rejects.toBe(failure);
  });

  test('is all of a segment of which a part is damaged', async () => {
    const { rig, recording, read } = await recorded({ from: 0, seconds: 10 });
    const [segment] = recording.segments;
    if (!segment) throw new Error('no segment');
    const file = new Uint8Array((await rig.archive.read(segment)) as ArrayBuffer);
    file[5 * audioBytes(1) + 2] = 255;
    await rig.store.write(segmentName(segment), file.buffer);
    const window = await read(2, 6);
    expect(window?.pcm.some((sample) => sample !== 0)).toBe(false);
    expect(window?.holes.map(({ fromPos }) => seconds(fromPos))).toEqual([2]);
  });

  test('decides whether there is audio of a sentence', async () => {
    const { recording } = await recorded({ from: 0, seconds: 4 }, { from: 10, seconds: 4 });
    const has = (from: number, to: number) =>
      hasAudio(recording, { fromPos: from * RATE_HZ, toPos: to * RATE_HZ });
    expect([has(3, 5), has(4, 10), has(9, 11), has(14, 20)]).toEqual([true, false, true, false]);
  });
});
