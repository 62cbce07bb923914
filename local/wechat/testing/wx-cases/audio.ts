import { expect } from 'vitest';
import { writeWav } from '../../../../lib/wav.ts';
import type { Cases } from './case.ts';

const RATE_HZ = 16_000;
/** A tone, base64 of a WAV file. @param ms its length */
const tone = (ms: number): string => {
  const pcm = Int16Array.from({ length: (RATE_HZ * ms) / 1000 }, (_, i) => 8_000 * Math.sin(i / 5));
  return Buffer.from(writeWav(pcm, RATE_HZ)).toString('base64');
};

export const audioCases: Cases = {
  createInnerAudioContext: async ({ app }) => {
    const heard = await app.evaluate(async (base64) => {
      const filePath = `${wx.env.USER_DATA_PATH}/tone.wav`;
      const { buffer } = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      await new Promise((complete) =>
        wx.getFileSystemManager().writeFile({ filePath, data: buffer, complete }),
      );
      const context = wx.createInnerAudioContext();
      const times: number[] = [];
      const ended = new Promise<void>((resolve, reject) => {
        context.onTimeUpdate(() => void times.push(context.currentTime));
        context.onEnded(() => resolve());
        context.onError(({ errMsg }) => reject(new Error(errMsg)));
      });
      context.src = filePath;
      context.playbackRate = 3;
      context.play();
      const playing = !context.paused;
      await ended;
      const { playbackRate } = context;
      context.destroy();
      return {
        playing,
        playbackRate,
        last: Math.max(...times),
        left: document.querySelectorAll('audio').length,
      };
    }, tone(600));
    expect(heard).toMatchObject({ playing: true, playbackRate: 2, left: 0 });
    expect(heard.last).toBeGreaterThan(0.5);
    const missing = await app.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const context = wx.createInnerAudioContext();
          context.onError(({ errCode }) => {
            context.destroy();
            resolve(errCode);
          });
          context.src = `${wx.env.USER_DATA_PATH}/missing.wav`;
        }),
    );
    expect(missing).toBe(10003);
  },
  setInnerAudioOption: async ({ app }) =>
    expect(await app.evaluate(() => wx.setInnerAudioOption({ obeyMuteSwitch: false }))).toEqual({
      errMsg: 'setInnerAudioOption:ok',
    }),
  'onAudioInterruptionBegin offAudioInterruptionBegin': async ({ app, host }) => {
    await app.evaluate(() => {
      const scope = globalThis as unknown as { interruptions: number; listener: () => void };
      scope.interruptions = 0;
      scope.listener = () => {
        scope.interruptions += 1;
      };
      wx.onAudioInterruptionBegin(scope.listener);
    });
    const count = () =>
      app.evaluate(() => (globalThis as unknown as { interruptions: number }).interruptions);
    const call = () =>
      host((controls) => {
        controls.interrupt(true);
        controls.interrupt(false);
      });
    await call();
    expect(await count()).toBe(1);
    await app.evaluate(() =>
      wx.offAudioInterruptionBegin((globalThis as unknown as { listener: () => void }).listener),
    );
    await call();
    expect(await count()).toBe(1);
  },
};
