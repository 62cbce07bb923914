import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { flushPromises } from '../../../lib/fake-clock.ts';
import { RATE_HZ, rmsError, tone } from '../../services/audio-archive/testing/archive-rig.ts';
import { PLAYER_TABLE, SKIP_MS } from './model.ts';
import { playerRig } from './testing/player-rig.ts';

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

test('every state of the player has an answer to every event', () => {
  expect(PLAYER_TABLE.events).toHaveLength(6);
  for (const event of PLAYER_TABLE.events)
    for (const state of PLAYER_TABLE.states) expect(PLAYER_TABLE.next(state, event)).toBeDefined();
});

describe('playing', () => {
  test('begins with the first sample of the sentence that was tapped', async () => {
    const { player, heard, view } = await playerRig();
    await player.playFrom(12_345, 15_000);
    const { pcm = new Int16Array(0) } = heard() ?? {};
    expect(rmsError(pcm.slice(0, RATE_HZ), tone(12.345 * RATE_HZ, RATE_HZ))).toBeLessThan(0.05);
    expect(view()).toMatchObject({ state: 'playing', positionMs: 12_345, note: '' });
    heard()?.handlers.time(2);
    expect(view().positionMs).toBe(14_345);
  });

  test('goes on with the next window at the sample where the last one ended, and closes each', async () => {
    const { player, clips, heard, open, view } = await playerRig();
    await player.playFrom(0, 1_000);
    await flushPromises();
    let pos = 0;
    for (let windows = 0; view().state === 'playing'; windows++) {
      expect(windows).toBeLessThan(10);
      const now = heard();
      const { pcm = new Int16Array(0), handlers } = now ?? {};
      expect(rmsError(pcm.slice(0, 800), tone(pos, 800))).toBeLessThan(0.1);
      pos += pcm.length;
      handlers?.ended();
      await flushPromises();
      expect(now?.calls.at(-1)).toBe('close');
      // the one that is heard, and the next
      expect(open()).toBeLessThanOrEqual(2);
    }
    expect(pos).toBe(60 * RATE_HZ);
    expect(clips.every((clip) => clip.calls.includes('close'))).toBe(true);
    expect(view()).toMatchObject({ state: 'paused', positionMs: 60_000 });
  });

  test('waits for a window that is not ready, and can be paused meanwhile', async () => {
    const { player, phone, heard, view } = await playerRig();
    await player.playFrom(0, 1_000);
    let ready = (): void => {};
    phone.slow = new Promise((resolve) => {
      ready = resolve;
    });
    const seeking = player.seek(20_000);
    await flushPromises();
    expect(view().state).toBe('loading');
    player.pause();
    ready();
    await seeking;
    await flushPromises();
    expect([view().state, view().positionMs, heard()]).toEqual(['paused', 20_000, undefined]);
    await player.toggle();
    expect(view()).toMatchObject({ state: 'playing', positionMs: 20_000 });
  });

  test('is paused and goes on at the same place', async () => {
    const { player, heard, clips, view } = await playerRig();
    await player.playFrom(5_000, 6_000);
    heard()?.handlers.time(1.5);
    player.pause();
    expect(view()).toMatchObject({ state: 'paused', positionMs: 6_500 });
    await player.toggle();
    expect(clips[0]?.calls).toEqual(['speed 1', 'play', 'pause', 'speed 1', 'play']);
    expect(view()).toMatchObject({ state: 'playing', positionMs: 6_500 });
  });

  test('skips 15 s in both directions, within the record, and only moves while paused', async () => {
    const { player, view, heard } = await playerRig();
    await player.playFrom(10_000, 11_000);
    await player.skip(SKIP_MS);
    expect(view()).toMatchObject({ state: 'playing', positionMs: 25_000 });
    await player.skip(-SKIP_MS);
    await player.skip(-SKIP_MS);
    expect(view().positionMs).toBe(0);
    player.pause();
    await player.skip(SKIP_MS);
    expect([view().state, view().positionMs, heard()]).toEqual(['paused', 15_000, undefined]);
  });

  test('does not listen to what was left', async () => {
    const { player, clips, view } = await playerRig();
    await player.playFrom(0, 1_000);
    const left = clips[0]?.handlers;
    await player.seek(30_000);
    left?.time(9);
    left?.ended();
    left?.failed('10001');
    await flushPromises();
    expect(view()).toMatchObject({ state: 'playing', positionMs: 30_000, note: '' });
  });

  test('keeps the speed for the windows that follow', async () => {
    const { player, heard, view } = await playerRig();
    await player.playFrom(0, 1_000);
    player.nextSpeed();
    player.nextSpeed();
    expect([view().speed, heard()?.calls.at(-1)]).toEqual([2, 'speed 2']);
    heard()?.handlers.ended();
    await flushPromises();
    expect(heard()?.calls).toEqual(['speed 2', 'play']);
    player.nextSpeed();
    expect(view().speed).toBe(1);
  });

  test('from the end begins at the beginning', async () => {
    const { player, heard, view } = await playerRig({ record: [[0, 5]] });
    await player.playFrom(4_000, 5_000);
    heard()?.handlers.ended();
    await flushPromises();
    await player.toggle();
    expect(view()).toMatchObject({ state: 'playing', positionMs: 0 });
  });
});

describe('what is missing is said', () => {
  test('a sentence of which there is no audio is not played', async () => {
    const { player, view, clips } = await playerRig({
      record: [
        [0, 10],
        [100, 10],
      ],
    });
    await player.playFrom(50_000, 53_000);
    expect(view()).toMatchObject({ state: 'paused', note: '这一句没有录音' });
    expect(clips).toEqual([]);
  });

  test('a hole, while it is played, with its length', async () => {
    const { player, view, heard } = await playerRig({
      record: [
        [0, 4],
        [6, 4],
      ],
    });
    await player.playFrom(0, 1_000);
    heard()?.handlers.time(4.5);
    expect(view().note).toBe('这里 2 秒没有录音');
    heard()?.handlers.time(6.1);
    expect(view().note).toBe('');
  });

  test('a long hole, which is skipped', async () => {
    const { player, view, heard } = await playerRig({
      record: [
        [0, 4],
        [90, 4],
      ],
    });
    await player.playFrom(2_000, 3_000);
    heard()?.handlers.ended();
    await flushPromises();
    expect(view()).toMatchObject({ positionMs: 4_000, note: '这里 1 分 26 秒没有录音，跳到后面' });
    heard()?.handlers.ended();
    await flushPromises();
    expect(view()).toMatchObject({ state: 'playing', positionMs: 90_000, note: '' });
  });

  test('the end of a session whose audio is shorter', async () => {
    const { player, view, heard } = await playerRig({ record: [[0, 4]] });
    player.setDuration(20_000);
    await player.playFrom(0, 1_000);
    heard()?.handlers.ended();
    await flushPromises();
    expect(view()).toMatchObject({
      state: 'paused',
      positionMs: 4_000,
      durationMs: 20_000,
      note: '后面没有录音',
    });
  });

  test('a record without audio', async () => {
    const { player, view } = await playerRig({ record: [] });
    expect(view().state).toBe('absent');
    await player.playFrom(0, 1_000);
    await player.toggle();
    expect(view().state).toBe('absent');
  });

  test('audio that is deleted while it is played', async () => {
    const { archive, player, view, open } = await playerRig();
    await player.playFrom(0, 1_000);
    await archive.archive.remove('one');
    await player.playFrom(0, 1_000);
    expect([view().state, open()]).toEqual(['absent', 0]);
  });
});

describe('a phone that does not play', () => {
  test.each(['it says so', 'it says nothing'])('pauses with a message: %s', async (how) => {
    const { archive, player, heard, view, open } = await playerRig();
    await player.playFrom(0, 1_000);
    if (how === 'it says so') heard()?.handlers.failed('10004');
    else await archive.clock.advance(8_000);
    expect([view().state, view().note, open()]).toEqual(['paused', '没能播放，请再试一次', 0]);
  });

  test('for lack of space pauses with a message', async () => {
    const { player, phone, view } = await playerRig();
    phone.broken = true;
    await player.playFrom(0, 1_000);
    expect(view()).toMatchObject({ state: 'paused', note: '没能播放，请再试一次' });
  });

  test('that plays is not taken for one that does not', async () => {
    const { archive, player, heard, view } = await playerRig();
    await player.playFrom(0, 1_000);
    for (let s = 1; s <= 20; s++) {
      await archive.clock.advance(1_000);
      heard()?.handlers.time(s / 3);
    }
    expect(view().state).toBe('playing');
  });
});

describe('a recording on the same phone', () => {
  test('stops what is played', async () => {
    const { player, heard, view } = await playerRig();
    await player.playFrom(0, 1_000);
    player.recordingStarted();
    expect(view()).toMatchObject({ state: 'paused', note: '正在录音，结束后再听' });
    expect(heard()?.calls.at(-1)).toBe('pause');
  });

  test('lets nothing be played before it has ended', async () => {
    const { player, phone, view, clips } = await playerRig();
    phone.recording = true;
    await player.playFrom(0, 1_000);
    await player.toggle();
    expect([view().state, clips.length]).toEqual(['paused', 0]);
    phone.recording = false;
    await player.toggle();
    expect(view().state).toBe('playing');
  });
});

test('leaving closes everything, also what is still being prepared, and gives the recording free', async () => {
  const { archive, player, phone, clips } = await playerRig();
  await player.playFrom(0, 1_000);
  await flushPromises();
  let ready = (): void => {};
  phone.slow = new Promise((resolve) => {
    ready = resolve;
  });
  const seeking = player.seek(30_000);
  await flushPromises();
  player.dispose();
  ready();
  await seeking;
  await flushPromises();
  expect(clips.length).toBeGreaterThan(1);
  expect(clips.every((clip) => clip.calls.at(-1) === 'close')).toBe(true);
  expect(archive.clock.pending).toBe(0);
  archive.quotaBytes = 1;
  await archive.archive.fitQuota();
  expect(await archive.sessions()).toEqual([]);
});
