import { describe, expect, it } from 'vitest';
import { AudioRing } from '../session/ring.ts';
import { RATE_HZ, speech } from '../testing/audio.ts';
import { MemoryFileStore, Rig } from '../testing/rig.ts';
import {
  RecordingFiles,
  readSavedRecording,
  type SavedSnapshot,
  savedRecordingIds,
} from './saved-recordings.ts';

const snapshotOf = (ring: AudioRing) => (): SavedSnapshot => ({
  version: 1,
  sessionId: 'session-0001',
  clientId: 'client-0001',
  rateHz: RATE_HZ,
  options: { title: '会议 🎤', engine: '16k_zh' },
  intent: 'stop',
  endPos: ring.endPos,
  savedAt: 1,
});

async function saved(seconds: number) {
  const store = new MemoryFileStore();
  const ring = new AudioRing(RATE_HZ, 120 * RATE_HZ);
  ring.append(speech(0, seconds * RATE_HZ));
  const files = new RecordingFiles(store, 'session-0001');
  await files.save(snapshotOf(ring), ring, true);
  return { store, ring, files };
}

describe('a recording on the phone', () => {
  it('comes back as it was', async () => {
    const { store } = await saved(3.5);
    expect(await savedRecordingIds(store)).toEqual(['session-0001']);
    const found = await readSavedRecording(store, 'session-0001');
    expect(found?.snapshot.options.title).toBe('会议 🎤');
    expect(found?.ring.endPos).toBe(56_000);
    expect(new Int16Array(found?.ring.read(0, 56_000) ?? new ArrayBuffer(0))).toEqual(
      new Int16Array(speech(0, 56_000)),
    );
  });

  it('writes what is new, and no block twice', async () => {
    const { store, ring, files } = await saved(3.5);
    const written: string[] = [];
    const write = store.write.bind(store);
    store.write = (name, data) => {
      written.push(name);
      return write(name, data);
    };
    ring.append(speech(56_000, RATE_HZ));
    await files.save(snapshotOf(ring), ring, true);
    expect(written).toEqual(['session-0001.json', 'session-0001.3.pcm', 'session-0001.4.pcm']);
  });

  it('lets go of what was committed', async () => {
    const { store, ring, files } = await saved(3.5);
    ring.forget(33_000);
    await files.save(snapshotOf(ring), ring, false);
    expect((await store.list()).filter((name) => name.endsWith('.pcm'))).toEqual([
      'session-0001.2.pcm',
      'session-0001.3.pcm',
    ]);
  });

  it('with a file missing keeps what is behind the hole', async () => {
    const { store } = await saved(4);
    await store.remove('session-0001.1.pcm');
    const found = await readSavedRecording(store, 'session-0001');
    expect([found?.ring.startPos, found?.ring.endPos]).toEqual([32_000, 64_000]);
  });

  it('is not read where it cannot be, and crashes nothing', async () => {
    const { store } = await saved(1);
    for (const text of ['', '{', 'null', '{"version":9}', '[]']) {
      await store.write('session-0001.json', Uint8Array.from(text, (char) => char.charCodeAt(0)).buffer);
      expect(await readSavedRecording(store, 'session-0001')).toBeNull();
    }
  });

  it('stays removed, whatever is still being written', async () => {
    const { store, ring, files } = await saved(2);
    const removing = files.remove();
    void files.save(snapshotOf(ring), ring, true);
    await removing;
    await files.save(snapshotOf(ring), ring, true);
    expect(await store.list()).toEqual([]);
  });
});

describe('when it is written', () => {
  const blocks = (rig: Rig) => [...rig.store.files.keys()].filter((name) => name.endsWith('.pcm')).length;

  it('while all is well only its positions are', async () => {
    const rig = new Rig();
    await rig.done(rig.session.start());
    await rig.speak(20_000);
    expect(rig.store.files.size).toBe(1);
  });

  it('soon after a drop the audio is, and goes on being', async () => {
    const rig = new Rig();
    await rig.done(rig.session.start());
    await rig.speak(6_000);
    rig.container.reachable = false;
    rig.container.drop();
    await rig.speak(3_000);
    expect(blocks(rig)).toBeGreaterThanOrEqual(2);
    await rig.speak(4_000);
    expect(blocks(rig)).toBeGreaterThanOrEqual(6);
  });

  it('at a stop the end is, at once', async () => {
    const rig = new Rig();
    await rig.done(rig.session.start());
    rig.container.stall();
    await rig.speak(1_300);
    void rig.session.stop();
    await rig.clock.advance(0);
    expect((await readSavedRecording(rig.store, 'session-0001'))?.ring.endPos).toBe(20_800);
  });

  it('a store that fails does not stop the recording', async () => {
    const rig = new Rig();
    rig.store.write = () =>
      Promise.reject(new Error('the maximum size of the file storage limit is exceeded'));
    await rig.done(rig.session.start());
    await rig.speak(12_000);
    await rig.done(rig.session.stop());
    expect(rig.record()).toEqual(rig.expected());
  });
});
