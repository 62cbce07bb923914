import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pcm, recorderRig } from '../testing/recorder-rig.ts';
import { CLOSE_WITHIN_MS, OPEN_WITHIN_MS, RENEW_AT_MS, RENEW_FROM_MS } from './microphone.ts';
import { ACQUIRE_WITHIN_MS } from './recorder.ts';
import { RecorderError } from './recorder.types.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('starting', () => {
  test('asks for 16 kHz mono PCM in small frames, for as long as the phone allows', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    expect(fake.starts).toEqual([
      {
        format: 'PCM',
        sampleRate: 16_000,
        numberOfChannels: 1,
        encodeBitRate: 48_000,
        frameSize: 4,
        duration: 600_000,
      },
    ]);
    expect(seen.states).toEqual(['asking', 'starting', 'recording']);
    expect(seen.screen).toEqual([true]);
  });

  test('a refused permission fails with its code and never touches the microphone', async () => {
    const { recorder, fake, seen } = recorderRig(async () => {
      throw new RecorderError('denied', 'authorize:fail auth deny');
    });
    await expect(recorder.start()).rejects.toMatchObject({ code: 'denied' });
    expect(seen.states).toEqual(['asking', 'failed:denied']);
    expect(fake.starts).toEqual([]);
  });

  test('stop while the permission dialog is up ends it, whatever the answer', async () => {
    let allow = (): void => {};
    const { recorder, fake, seen } = recorderRig(() => new Promise((resolve) => (allow = resolve)));
    const started = recorder.start();
    const failed = expect(started).rejects.toBeInstanceOf(RecorderError);
    await recorder.stop();
    allow();
    await failed;
    expect(fake.starts).toEqual([]);
    expect(seen.states).toEqual(['asking', 'stopped']);
  });

  test('a microphone that never opens fails in bounded time, and closes if it opens later after all', async () => {
    const { recorder, fake, seen, shared } = recorderRig();
    fake.prompt = false;
    const failed = expect(recorder.start()).rejects.toMatchObject({ code: 'failed' });
    await vi.advanceTimersByTimeAsync(OPEN_WITHIN_MS);
    await failed;
    expect(seen.states.at(-1)).toBe('failed:failed');
    expect(fake.stops).toBe(1);
    fake.started();
    expect(fake.stops).toBe(2);
    expect(shared.lease({})).toBeDefined();
  });

  test('one microphone: a second recorder fails with busy, and gets it when the first has ended', async () => {
    const { recorder, another } = recorderRig();
    await recorder.start();
    const refused = expect(another().start()).rejects.toMatchObject({ code: 'busy' });
    await vi.advanceTimersByTimeAsync(ACQUIRE_WITHIN_MS);
    await refused;
    await recorder.stop();
    await expect(another().start()).resolves.toBeUndefined();
  });

  test('a recording that was ended while the microphone opened does not make the next one fail', async () => {
    const { recorder, another, fake } = recorderRig();
    fake.prompt = false;
    void recorder.start();
    await vi.advanceTimersByTimeAsync(0);
    void recorder.stop();
    const next = another();
    const started = next.start();
    await vi.advanceTimersByTimeAsync(500);
    fake.prompt = true;
    fake.started();
    await vi.advanceTimersByTimeAsync(500);
    await expect(started).resolves.toBeUndefined();
    expect(next.state.name).toBe('recording');
  });

  test('a microphone that is still being given back is asked for again', async () => {
    const { recorder, fake } = recorderRig();
    fake.refusals = ['start:fail is recording or paused'];
    const started = recorder.start();
    await vi.runAllTicks();
    await vi.advanceTimersByTimeAsync(1_000);
    await started;
    expect(fake.starts).toHaveLength(2);
  });
});

describe('frames', () => {
  test('what the phone gives is handed on at once; what is left follows at the end of the recording', async () => {
    const { recorder, fake, seen, samples } = recorderRig();
    await recorder.start();
    fake.frame(pcm(128, 1));
    expect(samples()).toBe(16 * 128);
    fake.frame(pcm(625, 2));
    expect(samples()).toBe(16 * 753);
    fake.frame(pcm(30, 3));
    expect(samples()).toBe(16 * 753);
    fake.tail = [pcm(5, 4)];
    await recorder.stop();
    expect(samples()).toBe(16 * 788);
    expect(seen.frames.at(-1)).toEqual([...new Array(480).fill(3), ...new Array(80).fill(4)]);
  });

  test('frames of 20 ms are joined in pairs', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    for (let i = 0; i < 6; i++) fake.frame(pcm(20, i));
    expect(seen.frames.map(({ length }) => length)).toEqual([640, 640, 640]);
  });

  test('ten levels a second, whatever frames the phone gives', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    for (let i = 0; i < 50; i++) fake.frame(pcm(128, 1_000));
    expect(seen.levels).toHaveLength(64);
  });

  test('half a sample at the end of one segment does not shift the next', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    fake.frame(new Uint8Array([1, 0, 9]).buffer);
    await recorder.pause();
    await recorder.resume();
    fake.frame(new Int16Array([5, 6]).buffer);
    await recorder.stop();
    expect(seen.frames).toEqual([[1], [5, 6]]);
  });

  test('the level follows the sound and goes back to 0 when the recording stands still', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    fake.frame(pcm(100, 8_000));
    expect(seen.levels.at(-1)).toBeGreaterThan(0.4);
    await recorder.pause();
    expect(seen.levels.at(-1)).toBe(0);
  });
});

describe('the 10-minute limit', () => {
  test('from 9:20 on the first quiet moment begins a new segment, unseen from outside', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    fake.frame(pcm(500, 0));
    expect(fake.starts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(RENEW_FROM_MS);
    fake.frame(pcm(300, 9_000));
    expect(fake.starts).toHaveLength(1);
    fake.tail = [pcm(50, 7)];
    fake.frame(pcm(400, 0));
    expect(fake.starts).toHaveLength(2);
    expect(seen.frames.at(-1)).toEqual(new Array(800).fill(7));
    expect(seen.states.at(-1)).toBe('recording');
    expect(seen.states.filter((state) => state === 'recording')).toHaveLength(1);
  });

  test('without a quiet moment it is done shortly before the limit, and nothing delivered is lost', async () => {
    const { recorder, fake, samples } = recorderRig();
    await recorder.start();
    fake.tail = [pcm(100, 5_000)];
    await vi.advanceTimersByTimeAsync(RENEW_AT_MS);
    expect(fake.starts).toHaveLength(2);
    expect(samples()).toBe(1_600);
  });

  test('a phone that ends it by itself near the limit is started again', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    await vi.advanceTimersByTimeAsync(RENEW_FROM_MS + 1);
    fake.stopped();
    expect(fake.starts).toHaveLength(2);
    expect(seen.states.at(-1)).toBe('recording');
  });
});

describe('pauses', () => {
  test('a pause really closes the microphone, and going on opens it again', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    await recorder.pause();
    expect(fake.open).toBe(false);
    expect(seen.states.at(-1)).toBe('paused:user');
    await recorder.resume();
    expect(fake.open).toBe(true);
    expect(seen.states.slice(-2)).toEqual(['starting', 'recording']);
    expect(seen.screen).toEqual([true, false, true]);
  });

  test('a call pauses with its reason, is blocked until it ends, and does not go on by itself', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    fake.paused();
    fake.interruption(true);
    expect(seen.states.at(-1)).toBe('paused:interrupted:blocked');
    fake.interruption(false);
    expect(seen.states.at(-1)).toBe('paused:interrupted');
    expect(fake.open).toBe(false);
    await recorder.resume();
    expect(seen.states.at(-1)).toBe('recording');
  });

  test('a call whose end is never reported does not block for ever', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    fake.interruption(true);
    await recorder.resume();
    await recorder.pause();
    expect(seen.states.at(-1)).toBe('paused:user');
  });

  test('the background is reported as the background, also on phones that call it an interruption', async () => {
    const { recorder, fake, seen, hideApp } = recorderRig();
    await recorder.start();
    fake.interruption(true);
    hideApp();
    fake.interruption(false);
    expect(seen.states.at(-1)).toBe('paused:hidden');
  });

  test('the app in the background pauses, also where the phone stopped the recorder first', async () => {
    const first = recorderRig();
    await first.recorder.start();
    first.hideApp();
    expect(first.seen.states.at(-1)).toBe('paused:hidden');

    const second = recorderRig();
    await second.recorder.start();
    second.fake.stopped();
    expect(second.seen.states.at(-1)).toBe('paused:system');
    second.hideApp();
    expect(second.seen.states.at(-1)).toBe('paused:hidden');
  });

  test("a person's own pause keeps its reason when the app is hidden", async () => {
    const { recorder, seen, hideApp } = recorderRig();
    await recorder.start();
    await recorder.pause();
    hideApp();
    expect(seen.states.at(-1)).toBe('paused:user');
  });

  test('an error in mid-recording is reported and leaves a pause from which one can go on', async () => {
    const { recorder, fake, seen } = recorderRig();
    const errors: string[] = [];
    recorder.on('error', (error) => errors.push(error.message));
    await recorder.start();
    fake.failed('operateRecorder:fail internal');
    expect(errors).toEqual(['operateRecorder:fail internal']);
    expect(seen.states.at(-1)).toBe('paused:system');
    await recorder.resume();
    expect(seen.states.at(-1)).toBe('recording');
  });

  test('going on while the microphone is still taken stays paused and reports why', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    await recorder.pause();
    fake.refusals = [
      'start:fail NotReadableError',
      'start:fail NotReadableError',
      'start:fail NotReadableError',
    ];
    const refused = expect(recorder.resume()).rejects.toMatchObject({ code: 'busy' });
    await vi.advanceTimersByTimeAsync(2_000);
    await refused;
    expect(seen.states.at(-1)).toBe('paused:system');
    await recorder.resume();
    expect(seen.states.at(-1)).toBe('recording');
  });

  test('pause and resume tapped faster than the phone follows end as last wanted', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    fake.prompt = false;
    void recorder.pause();
    const resumed = recorder.resume();
    expect(fake.stops).toBe(1);
    fake.stopped();
    fake.started();
    await resumed;
    expect(seen.states.at(-1)).toBe('recording');
    expect(fake.open).toBe(true);
  });
});

describe('stopping', () => {
  test('resolves after the last frame, frees the microphone and the screen', async () => {
    const { recorder, fake, seen, shared, hideListeners } = recorderRig();
    await recorder.start();
    await recorder.stop();
    expect(seen.states.at(-1)).toBe('stopped');
    expect(fake.open).toBe(false);
    expect(hideListeners.size).toBe(0);
    expect(seen.screen.at(-1)).toBe(false);
    expect(shared.lease({})).toBeDefined();
    await recorder.stop();
  });

  test('a phone that never answers stop does not keep it waiting', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    fake.prompt = false;
    fake.frame(pcm(30, 4));
    const stopped = recorder.stop();
    await vi.advanceTimersByTimeAsync(CLOSE_WITHIN_MS);
    await stopped;
    expect(seen.states.at(-1)).toBe('stopped');
    expect(seen.frames).toEqual([new Array(480).fill(4)]);
  });

  test('stop from a pause ends it at once, and nothing goes on afterwards', async () => {
    const { recorder, fake, seen } = recorderRig();
    await recorder.start();
    await recorder.pause();
    await recorder.stop();
    expect(seen.states.at(-1)).toBe('stopped');
    await expect(recorder.resume()).rejects.toBeInstanceOf(RecorderError);
    fake.started();
    expect(seen.states.at(-1)).toBe('stopped');
  });
});
