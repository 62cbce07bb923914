import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { flushPromises } from '../../../lib/fake-clock.ts';
import { audioBytes, RATE_HZ, rmsError, tone } from '../../services/audio-archive/testing/archive-rig.ts';
import { playerRig } from './testing/player-rig.ts';

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('what another phone has uploaded', () => {
  async function uploadedRig() {
    const it = await playerRig({ record: [], open: false });
    await it.other.record('one', 60);
    it.uploads.recording = await it.other.archive.recording('one');
    await it.player.open();
    return it;
  }

  test('is offered with its size, and played when the user wants it', async () => {
    const { player, view, heard, clips } = await uploadedRig();
    expect(view()).toMatchObject({ state: 'absent', cloudBytes: audioBytes(60) });
    expect(clips).toEqual([]);
    await player.playFromCloud();
    expect(view()).toMatchObject({ state: 'playing', positionMs: 0 });
    await player.playFrom(42_000, 43_000);
    const { pcm = new Int16Array(0) } = heard() ?? {};
    expect(rmsError(pcm.slice(0, RATE_HZ), tone(42 * RATE_HZ, RATE_HZ))).toBeLessThan(0.05);
  });

  test('is waited for as long as it comes, and it is told how far it is', async () => {
    const { player, view, uploads, percent, archive } = await uploadedRig();
    let arrive = (): void => {};
    uploads.piece = new Promise((resolve) => {
      arrive = resolve;
    });
    const playing = player.playFromCloud();
    await flushPromises();
    for (let i = 1; i < 4; i++) {
      await archive.clock.advance(6_000);
      percent(i * 25);
      expect(view()).toMatchObject({ state: 'loading', note: `正在从云端载入 ${i * 25}%` });
    }
    arrive();
    await playing;
    await flushPromises();
    expect(view()).toMatchObject({ state: 'playing', note: '' });
  });

  test('that does not come is told, and tried again with the next tap', async () => {
    const { player, view, uploads } = await uploadedRig();
    uploads.piece = Promise.reject(new Error('no network'));
    await player.playFromCloud();
    await flushPromises();
    expect(view()).toMatchObject({ state: 'paused', note: '没能播放，请再试一次' });
    uploads.piece = null;
    await player.toggle();
    expect(view().state).toBe('playing');
  });

  test('is given up when the page is left', async () => {
    const { player, uploads } = await uploadedRig();
    player.dispose();
    expect(uploads.closed).toBe(1);
  });

  test('is not asked for where this phone has the audio', async () => {
    const { player, uploads, other, view } = await playerRig({ open: false });
    uploads.recording = await other.archive.recording('one');
    await player.open();
    await player.playFromCloud();
    expect(view()).toMatchObject({ state: 'paused', cloudBytes: 0 });
  });
});
