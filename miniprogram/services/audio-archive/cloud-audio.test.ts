import { LocalError } from 'cloudbase-voice';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deferred } from '../../../lib/deferred.ts';
import { flushPromises } from '../../../lib/fake-clock.ts';
import type { Downloads } from '../wx-downloads.ts';
import type { ArchivedRecording } from './archive.ts';
import { CloudAudio, MAX_DOWNLOADED } from './cloud-audio.ts';
import { AUDIO_DOWNLOAD } from './retry-rules.ts';
import type { Segment } from './segment.ts';
import { ArchiveRig, audioBytes } from './testing/archive-rig.ts';

/** A record of which another phone has uploaded so many seconds. */
async function rig(seconds: number) {
  const other = new ArchiveRig();
  await other.place('one', seconds);
  const started: (Deferred<string> & { fileID: string; aborted: boolean; percent(value: number): void })[] =
    [];
  const removed: string[] = [];
  const downloads: Downloads = {
    start(fileID, percent) {
      const download = Object.assign(new Deferred<string>(), { fileID, aborted: false, percent });
      started.push(download);
      return {
        done: download.promise,
        abort: () => {
          download.aborted = true;
        },
      };
    },
    read: async (path) => new ArrayBuffer(path.length),
    remove: (path) => void removed.push(path),
  };
  const files = [...other.store.files.keys()].map((name) => ({ name, fileID: `cloud://${name}` }));
  const service = { files, down: false };
  const audio = new CloudAudio(
    {
      cloud: {
        history: (async () => {
          if (service.down) throw new LocalError('NETWORK');
          return { files: service.files };
        }) as never,
      },
      downloads,
      clock: other.clock,
    },
    'one',
  );
  const segments = async (): Promise<readonly Segment[]> =>
    ((await audio.recording()) as ArchivedRecording).segments;
  return { audio, service, started, removed, segments, clock: other.clock };
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

test('says what there is, and how much, without downloading anything', async () => {
  const { audio, service, started } = await rig(70);
  const recording = await audio.recording();
  expect([recording?.segments.length, recording?.bytes]).toEqual([3, audioBytes(70)]);
  expect(started).toEqual([]);
  service.files = [];
  expect(await audio.recording()).toBeNull();
  service.down = true;
  await expect(audio.recording()).rejects.toMatchObject({ code: 'NETWORK' });
});

test('downloads a segment once, when it is wanted, and tells how far it is', async () => {
  const { audio, started, segments } = await rig(70);
  const [, second] = await segments();
  const percents: number[] = [];
  const reading = audio.read(second as Segment, (percent) => percents.push(percent));
  started[0]?.percent(30);
  started[0]?.resolve('tmp');
  expect((await reading).byteLength).toBe(3);
  await audio.read(second as Segment, () => {});
  expect([started.length, percents]).toEqual([1, [30]]);
});

test('tries again after a failure and after too long, and not without end', async () => {
  const { audio, started, segments, clock } = await rig(30);
  const [segment] = (await segments()) as [Segment];
  const reading = audio.read(segment, () => {});
  reading.catch(() => {});
  started[0]?.reject({ errMsg: 'downloadFile:fail' });
  await flushPromises();
  await clock.advance(AUDIO_DOWNLOAD.WAIT_MS);
  await expect(reading).rejects.toMatchObject({ code: 'NETWORK' });
  expect(started.map(({ aborted }) => aborted)).toEqual([true, true]);
  // the next tap begins anew
  const again = audio.read(segment, () => {});
  started[2]?.resolve('tmp');
  expect((await again).byteLength).toBe(3);
});

test('leaving aborts what is under way and deletes what was downloaded', async () => {
  const { audio, started, removed, segments } = await rig(60);
  const [first, second] = (await segments()) as [Segment, Segment];
  const one = audio.read(first, () => {});
  started[0]?.resolve('tmp-1');
  await one;
  const two = audio.read(second, () => {});
  two.catch(() => {});
  audio.close();
  expect(started[1]?.aborted).toBe(true);
  started[1]?.reject({ errMsg: 'downloadFile:fail abort' });
  await expect(two).rejects.toBeDefined();
  await flushPromises();
  expect([started.length, removed]).toEqual([2, ['tmp-1']]);
  await expect(audio.read(first, () => {})).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
});

test('no more stays on the phone than half an hour', async () => {
  const { audio, started, removed, segments } = await rig(30 * (MAX_DOWNLOADED + 2));
  for (const [i, segment] of (await segments()).entries()) {
    const reading = audio.read(segment, () => {});
    started[i]?.resolve(`tmp-${i}`);
    await reading;
  }
  await flushPromises();
  expect(removed).toEqual(['tmp-0', 'tmp-1']);
});
