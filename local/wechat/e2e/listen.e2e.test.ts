import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { findIn, Listener, readMono, utteranceStarts } from './listening.ts';
import { MEETING } from './test-bed.ts';
import { useAppPage } from './use-app-page.ts';

const RATE_HZ = 16_000;
const FINISHED = { timeout: 60_000 };
/** The recogniser's beginning of a sentence, and the microphone's beginning, are this exact. */
const WITHIN_MS = 700;

describe.skipIf(browserFile === undefined)('a recording that stays on the phone', () => {
  const current = useAppPage();
  const meeting = readMono(MEETING.wav);
  /** Every sentence of the sample is one utterance between pauses of more than a second. */
  const starts = utteranceStarts(meeting, 1_000);

  /** Records a sentence and opens its record. */
  const recordOne = async (): Promise<void> => {
    const { appPage } = current;
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.stop();
    await appPage.history();
    await appPage.openRecord(0);
  };
  /** The same by someone who keeps recordings. */
  const keptRecording = async (listener = new Listener(current.appPage)): Promise<Listener> => {
    await listener.decide(true);
    await recordOne();
    await current.appPage.find('.player-controls').waitFor();
    return listener;
  };

  test('is played from the sentence that is tapped, also behind a drop of the network', async () => {
    const { appPage } = current;
    const listener = new Listener(appPage);
    await listener.decide(true);
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.host((controls) => controls.setOnline(false));
    await appPage
      .find('.elapsed')
      .getByText(/00:1[2-9]/)
      .waitFor(FINISHED);
    await appPage.host((controls) => controls.setOnline(true));
    await appPage.waitForStored(4);
    await appPage.stop();
    // what is heard comes from the phone's files, not from this run's memory
    await appPage.reload();
    await appPage.history();
    await appPage.openRecord(0);
    await appPage.find('.player-controls').waitFor();

    for (const index of [3, 1]) {
      await appPage.find(`#line-${index} .line-main`).click();
      await expect.poll(() => listener.marked(), FINISHED).toBe(index);
      const { pcm } = await listener.playing();
      const { ms, correlation } = findIn(meeting, pcm.slice(0, RATE_HZ));
      expect(correlation).toBeGreaterThan(0.9);
      expect(Math.abs(ms - (starts[index] as number))).toBeLessThan(WITHIN_MS);
    }
    // what follows is played and marked by itself, across the windows
    await expect.poll(() => listener.marked(), FINISHED).toBeGreaterThan(1);

    await appPage.button('后退 15 秒').click();
    await expect.poll(() => listener.marked()).toBe(0);

    await appPage.button(/倍速/).click();
    await appPage.button(/倍速/).click();
    await expect.poll(async () => (await listener.playing()).speed).toBe(2);
    await appPage.button('暂停').click();
    await expect.poll(() => listener.isSilent()).toBe(true);
    expect(appPage.errors).toEqual([]);
  });

  test('says where there is none, and goes on behind it', async () => {
    const { appPage } = current;
    const listener = await keptRecording();
    await listener.placeBehindHole(2);
    await appPage.find('.line-main').last().click();
    await appPage.find('.player-note').getByText('这里 2 秒没有录音').waitFor(FINISHED);
    await appPage.find('.player-note').waitFor({ state: 'detached', ...FINISHED });
    await expect.poll(() => listener.isSilent()).toBe(false);
  });

  test('is paused by a call and in the background, and closed with its files when the page is left', async () => {
    const { appPage } = current;
    const listener = await keptRecording();
    // not the row of a sentence that is being played, whose name ends the same way
    const play = () => appPage.app.getByRole('button', { name: '播放', exact: true });
    await play().click();
    await listener.playing();
    await appPage.host((controls) => {
      controls.interrupt(true);
      controls.interrupt(false);
    });
    await play().waitFor();
    expect(await listener.isSilent()).toBe(true);
    await play().click();
    await listener.playing();
    await appPage.host((controls) => controls.background());
    await expect.poll(() => listener.isSilent()).toBe(true);
    await appPage.host((controls) => controls.foreground());
    await play().waitFor();
    await appPage.back();
    await expect.poll(() => listener.files('voice-play')).toEqual([]);
  });

  test('goes with all data', async () => {
    const { appPage } = current;
    const listener = await keptRecording();
    expect(await listener.files('voice-audio')).not.toEqual([]);
    await appPage.back();
    await appPage.tab('设置');
    await appPage.button('删除我的全部数据').click();
    await appPage.button('全部删除').click();
    await appPage.find('.deletion').getByText('已全部删除').waitFor(FINISHED);
    expect(await listener.files('voice-audio')).toEqual([]);
    await appPage.app.getByText('没有录音', { exact: true }).waitFor();
  });

  test('makes room for itself: the oldest one goes', async () => {
    const { appPage } = current;
    const listener = new Listener(appPage);
    await listener.decide(true);
    await appPage.tab('设置');
    await appPage.app.getByRole('combobox', { name: '最多占用' }).click();
    await appPage.app.getByRole('option', { name: /^50 MB/ }).click();
    await listener.placeRecording('OldRecording', 110);
    await appPage.tab('实时');
    await recordOne();
    await expect.poll(async () => (await listener.files('voice-audio')).length, FINISHED).toBe(1);
    await appPage.find('.player-controls').waitFor(FINISHED);
  });

  test('is not kept where it is cancelled', async () => {
    const { appPage } = current;
    const listener = new Listener(appPage);
    await listener.decide(true);
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.button('取消录音，不保存').click();
    await appPage.button('不保存').last().click();
    await appPage.waitForState(({ phase }) => phase === 'idle');
    await expect.poll(() => listener.files('voice-audio')).toEqual([]);
  });

  test('is only kept by those who want it: for others there is no file, and a tap opens the menu', async () => {
    const { appPage } = current;
    const listener = new Listener(appPage);
    await listener.decide(false);
    await recordOne();
    expect(await listener.files('voice-audio')).toEqual([]);
    await appPage.find('.player-absence').getByText('录音不会留在这台手机上').waitFor();
    await appPage.find('.line-main').first().click();
    await appPage.button('修改这一句').waitFor();
    await appPage.button('取消').click();
    await appPage.button('以后保留').click();
    await appPage.button('保留').last().click();
    await appPage.find('.player-absence').getByText('没有保留').waitFor();
  });

  test('of one sentence is played, too', async () => {
    const { appPage } = current;
    const listener = new Listener(appPage);
    await listener.decide(true);
    await appPage.tab('一句话');
    await appPage.find('.hold').click();
    await appPage.find('.seconds').getByText('00:04').waitFor(FINISHED);
    await appPage.find('.hold').click();
    await appPage.find('.result-text').waitFor(FINISHED);
    await appPage.button('查看记录').click();
    await appPage.find('.line-main').first().click();
    const { pcm } = await listener.playing();
    // The browser's microphone leaves out a piece of the sample where the machine is busy: one second of the first three is compared.
    const seconds = [0, 500, 1_000, 1_500, 2_000].map((fromMs) => {
      const from = (fromMs * RATE_HZ) / 1_000;
      return { fromMs, ...findIn(meeting, pcm.slice(from, from + RATE_HZ)) };
    });
    const { fromMs, ms, correlation } = seconds.reduce((a, b) => (b.correlation > a.correlation ? b : a));
    expect(correlation).toBeGreaterThan(0.9);
    expect(Math.abs(ms - fromMs)).toBeLessThan(WITHIN_MS);
  });
});
