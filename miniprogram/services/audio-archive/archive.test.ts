import { describe, expect, test } from 'vitest';
import { RESERVE_BYTES } from './archive.ts';
import { ArchiveRig, audioBytes, RATE_HZ, tone } from './testing/archive-rig.ts';

const pcmAt = (fromPos: number, samples: number): ArrayBuffer => tone(fromPos, samples).buffer as ArrayBuffer;

describe('the archive keeps', () => {
  test('a recording in segments of 30 s, at the positions of its session', async () => {
    const rig = new ArchiveRig();
    await rig.record('one', 70);
    const recording = await rig.archive.recording('one');
    expect(recording?.segments.map(({ fromPos, samples }) => [fromPos / RATE_HZ, samples / RATE_HZ])).toEqual(
      [
        [0, 30],
        [30, 30],
        [60, 10],
      ],
    );
    expect(recording?.bytes).toBe(rig.store.bytes);
  });

  test('the place of audio that another phone recorded free', async () => {
    const rig = new ArchiveRig();
    const sink = rig.archive.open('one', RATE_HZ);
    sink?.append(0, pcmAt(0, RATE_HZ));
    sink?.append(5 * RATE_HZ, pcmAt(5 * RATE_HZ, RATE_HZ));
    await sink?.end();
    const recording = await rig.archive.recording('one');
    expect(recording?.segments.map(({ fromPos }) => fromPos)).toEqual([0, 5 * RATE_HZ]);
  });

  test('half a sample at the end of a frame out, as the session does', async () => {
    const rig = new ArchiveRig();
    const sink = rig.archive.open('one', RATE_HZ);
    sink?.append(0, new ArrayBuffer(3_201));
    sink?.append(1_600, new ArrayBuffer(3_200));
    await sink?.end();
    expect((await rig.archive.recording('one'))?.segments).toMatchObject([{ fromPos: 0, samples: 3_200 }]);
  });

  test('what was recorded so far when the app is hidden, though the segment is not full', async () => {
    const rig = new ArchiveRig();
    const sink = rig.archive.open('one', RATE_HZ);
    sink?.append(0, pcmAt(0, 7 * RATE_HZ));
    expect(rig.store.files.size).toBe(0);
    await sink?.flush();
    sink?.append(7 * RATE_HZ, pcmAt(7 * RATE_HZ, RATE_HZ));
    await sink?.end();
    expect((await rig.archive.recording('one'))?.segments.map(({ samples }) => samples / RATE_HZ)).toEqual([
      7, 1,
    ]);
  });

  test('nothing where the user does not want it, and nothing more once it is turned off', async () => {
    const rig = new ArchiveRig();
    rig.quotaBytes = 0;
    expect(rig.archive.open('one', RATE_HZ)).toBeNull();
    rig.quotaBytes = audioBytes(600);
    const sink = rig.archive.open('two', RATE_HZ);
    sink?.append(0, pcmAt(0, 31 * RATE_HZ));
    await sink?.flush();
    rig.quotaBytes = 0;
    sink?.append(31 * RATE_HZ, pcmAt(31 * RATE_HZ, 31 * RATE_HZ));
    await sink?.end();
    expect((await rig.archive.recording('two'))?.segments.at(-1)).toMatchObject({ fromPos: 30 * RATE_HZ });
    expect(rig.outOfRoom).toBe(0);
  });
});

describe('the quota', () => {
  test('is never exceeded: the oldest recording goes, and it is noted why', async () => {
    const rig = new ArchiveRig();
    rig.quotaBytes = audioBytes(100);
    for (const id of ['one', 'two', 'three']) await rig.record(id, 40);
    expect(await rig.sessions()).toEqual(['two', 'three']);
    expect(rig.store.bytes).toBeLessThanOrEqual(rig.quotaBytes);
    expect([rig.notes.get('one'), rig.notes.get('two')]).toEqual(['evicted', null]);
  });

  test('spares what is being played', async () => {
    const rig = new ArchiveRig();
    rig.quotaBytes = audioBytes(100);
    await rig.record('one', 40);
    const release = rig.archive.hold('one');
    await rig.record('two', 40);
    await rig.record('three', 40);
    expect(await rig.sessions()).toEqual(['one', 'three']);
    release();
    release();
    await rig.record('four', 40);
    expect(await rig.sessions()).toEqual(['three', 'four']);
  });

  test('that one recording fills ends its keeping, which is said once, and keeps what there is', async () => {
    const rig = new ArchiveRig();
    rig.quotaBytes = audioBytes(70);
    await rig.record('one', 200);
    expect((await rig.archive.recording('one'))?.segments).toHaveLength(2);
    expect([rig.outOfRoom, rig.notes.get('one')]).toEqual([1, 'full']);
  });

  test('evicts at once where it is lowered; where keeping is turned off, what there is stays', async () => {
    const rig = new ArchiveRig();
    for (const id of ['one', 'two', 'three']) await rig.record(id, 30);
    rig.quotaBytes = 0;
    await rig.archive.fitQuota();
    expect(await rig.sessions()).toHaveLength(3);
    rig.quotaBytes = audioBytes(65);
    await rig.archive.fitQuota();
    expect(await rig.sessions()).toEqual(['two', 'three']);
  });
});

describe('a phone that is full', () => {
  test('ends the keeping, leaves no half file and makes room for audio that is not delivered', async () => {
    const rig = new ArchiveRig();
    await rig.place('old', 600);
    await rig.place('newer', 60);
    rig.store.limitBytes = rig.store.bytes + audioBytes(40);
    await rig.record('one', 100);
    expect([rig.outOfRoom, rig.notes.get('one'), rig.notes.get('old')]).toEqual([1, 'full', 'evicted']);
    expect(await rig.sessions()).toEqual(['newer', 'one']);
    const all = await rig.archive.recordings();
    expect(rig.store.bytes).toBe(all.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(rig.store.limitBytes - rig.store.bytes).toBeGreaterThanOrEqual(RESERVE_BYTES);
  });

  test('gives up the newest audio where only the running recording is kept', async () => {
    const rig = new ArchiveRig();
    await rig.place('one', 900);
    const sink = rig.archive.open('one', RATE_HZ);
    const before = rig.store.bytes;
    await rig.archive.makeRoom();
    expect(before - rig.store.bytes).toBeGreaterThanOrEqual(RESERVE_BYTES);
    expect((await rig.archive.recording('one'))?.segments[0]?.fromPos).toBe(0);
    await sink?.end();
  });

  test('that is too slow ends the keeping instead of filling the memory', async () => {
    const rig = new ArchiveRig();
    rig.store.write = () => new Promise(() => {});
    const sink = rig.archive.open('one', RATE_HZ);
    for (let s = 0; s < 120; s++) sink?.append(s * RATE_HZ, pcmAt(s * RATE_HZ, RATE_HZ));
    expect(rig.outOfRoom).toBe(1);
  });
});

describe('deleting', () => {
  test('a recording takes its files, and what is recorded of it afterwards', async () => {
    const rig = new ArchiveRig();
    await rig.record('other', 5);
    const sink = rig.archive.open('one', RATE_HZ);
    sink?.append(0, pcmAt(0, 40 * RATE_HZ));
    await rig.archive.remove('one');
    sink?.append(40 * RATE_HZ, pcmAt(0, 40 * RATE_HZ));
    await sink?.end();
    expect(await rig.sessions()).toEqual(['other']);
    expect(rig.archive.open('one', RATE_HZ)).toBeNull();
  });

  test('all leaves no file, not even a damaged one', async () => {
    const rig = new ArchiveRig();
    await rig.record('one', 5);
    await rig.store.write('strange', new ArrayBuffer(3));
    const sink = rig.archive.open('two', RATE_HZ);
    sink?.append(0, pcmAt(0, 40 * RATE_HZ));
    await rig.archive.removeAll();
    await sink?.end();
    expect([...rig.store.files.keys()]).toEqual([]);
  });
});
