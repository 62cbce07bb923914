import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readWav } from '../../lib/wav.ts';
import { clipsIn } from './wx-clip.ts';

type Listener = (event?: unknown) => void;

/** One of the phone's audio contexts. */
class FakeContext {
  src = '';
  playbackRate = 1;
  currentTime = 0;
  readonly calls: string[] = [];
  readonly listeners: Record<string, Listener> = {};
  onTimeUpdate = (fn: Listener): void => {
    this.listeners.time = fn;
  };
  onEnded = (fn: Listener): void => {
    this.listeners.ended = fn;
  };
  onError = (fn: Listener): void => {
    this.listeners.error = fn;
  };
  play = () => void this.calls.push('play');
  pause = () => void this.calls.push('pause');
  destroy = () => void this.calls.push('destroy');
}

let contexts: FakeContext[];
let options: object[];
beforeEach(() => {
  [contexts, options] = [[], []];
  vi.stubGlobal('wx', {
    createInnerAudioContext: () => {
      const context = new FakeContext();
      contexts.push(context);
      return context;
    },
    setInnerAudioOption: (option: object) => void options.push(option),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function rig() {
  const files = new Map<string, ArrayBuffer>();
  const open = clipsIn({
    write: async (name, bytes) => {
      files.set(`tmp/${name}`, bytes);
      return `tmp/${name}`;
    },
    remove: async (path) => void files.delete(path),
  });
  const heard: string[] = [];
  const handlers = {
    time: (seconds: number) => void heard.push(`time ${seconds}`),
    ended: () => void heard.push('ended'),
    failed: (errMsg: string) => void heard.push(`failed ${errMsg}`),
  };
  return { files, heard, open: (pcm: Int16Array) => open(pcm, 16_000, handlers) };
}

test('a clip is a WAV file of its own, heard though the phone is muted, at the chosen speed', async () => {
  const { files, open } = rig();
  const pcm = Int16Array.from([1, -2, 3_000]).subarray(1);
  const clip = await open(pcm);
  clip.setSpeed(1.5);
  clip.play();
  await open(pcm);
  expect(contexts.map(({ src }) => src)).toEqual(['tmp/1.wav', 'tmp/2.wav']);
  expect(contexts[0]).toMatchObject({ playbackRate: 1.5, calls: ['play'] });
  expect(readWav(new Uint8Array(files.get('tmp/1.wav') ?? new ArrayBuffer(0)))).toMatchObject({
    sampleRateHz: 16_000,
    channels: 1,
    samples: pcm.slice(),
  });
  expect(options).toMatchObject([{ obeyMuteSwitch: false }]);
});

test('what happens to it is told until it is closed, which deletes its file', async () => {
  const { files, heard, open } = rig();
  const clip = await open(new Int16Array(10));
  const [context] = contexts;
  if (!context) throw new Error('no context');
  context.currentTime = 0.25;
  context.listeners.time?.();
  context.listeners.error?.({ errMsg: '10004' });
  clip.close();
  clip.close();
  context.listeners.time?.();
  context.listeners.ended?.();
  expect(heard).toEqual(['time 0.25', 'failed 10004']);
  expect([context.calls, files.size]).toEqual([['destroy'], 0]);
});
