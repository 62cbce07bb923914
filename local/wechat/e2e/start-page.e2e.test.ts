import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { resample } from '../../../lib/resample.ts';
import { readWav, writeWav } from '../../../lib/wav.ts';
import { renderTones, writeToyModel } from '../../asr/sherpa/testing/toy-model.ts';
import { type LocalCloud, startLocalCloud } from '../../start.ts';
import { browserFile, launchBrowserWithoutMicrophone } from '../testing/browser.ts';
import { AppPage } from './app-page.ts';
import { MEETING, SAMPLES } from './test-bed.ts';

/** A recording of half a minute, and a machine that may be busy. */
const RECORDED_WITHIN_MS = 90_000;
const FILE_RATE_HZ = 48_000;
const LONG_MINUTES = 20;
const LOW_RATE_HZ = 8_000;
const SIZES = [
  [1280, 900],
  [1024, 768],
  [1920, 1080],
] as const;

/** Counts what is played aloud, in the page's `__played`. */
const COUNT_PLAYED = `
  globalThis.__played = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...args) {
    globalThis.__played.push(Math.round(this.buffer.duration));
    return start.apply(this, args);
  };
`;

/** Chooses a file as the microphone. */
const chooseFile = async (page: Page, name: string, content: Uint8Array): Promise<void> => {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /选一个 WAV 或 MP3/ }).click();
  await (await chooser).setFiles({ name, mimeType: '', buffer: Buffer.from(content) });
};

/** Runs in the page. */
const outsideTheWindow = (): string[] => {
  const isIn = ({ left, right, top, bottom }: DOMRect): boolean =>
    left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  const selectors = '#phone, #bar > *, #bar button, #figures > *, #settings button';
  const shown = [...document.querySelectorAll(selectors)].filter((part) => part.checkVisibility());
  const outside = shown.filter((part) => !isIn(part.getBoundingClientRect()));
  const scrolls = [...document.querySelectorAll('html, .column')].filter(
    ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth,
  );
  return [...outside, ...scrolls].map((part) => part.outerHTML.slice(0, 80));
};

describe.skipIf(browserFile === undefined)('the page of npm start, as somebody new finds it', () => {
  let folder: string;
  let cloud: LocalCloud;
  let browser: Browser;
  let appPage: AppPage;
  let page: Page;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'start-page-'));
    cloud = await startLocalCloud({ dataDir: path.join(folder, 'data'), env: {}, restartContainers: true });
    browser = await launchBrowserWithoutMicrophone();
  });
  afterAll(async () => {
    await browser?.close();
    await cloud?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    appPage = await AppPage.open(browser, cloud.url, '', COUNT_PLAYED, {
      viewport: { width: 1280, height: 900 },
      deviceScaleFactor: 1,
      permissions: [],
    });
    page = appPage.page;
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.log(await appPage.describe(), await figures());
    await page.context().close();
  });

  const sample = (note: string) => page.getByRole('button', { name: new RegExp(`${note} ·`) });
  const player = () => page.getByRole('group', { name: '正在当麦克风的录音' });
  const waitForSaved = () =>
    appPage
      .find('.banner-place')
      .getByText(/^已保存/)
      .first()
      .waitFor({ timeout: RECORDED_WITHIN_MS });
  /** The figures below the phone, by name. */
  const figures = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      await page
        .locator('.figure')
        .evaluateAll((rows) => rows.map((row) => [...row.children].map((child) => child.textContent ?? ''))),
    );

  test('before the first recording it says what listens, and the sentences are listed once, in the phone', async () => {
    await expect
      .poll(() => page.locator('#bar').textContent())
      .toMatch(/只有短语库在听：认识 \d+ 句话.*npm run asr-model/);
    const phrase = '先做 code review 再上线。';
    await expect.poll(() => appPage.app.getByText(phrase).count()).toBe(1);
    await expect.poll(() => page.locator('#stage').getByText(phrase).count()).toBe(0);
  });

  /** What lies outside the window, at its usual sizes. */
  const overflowing = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      found.push(...(await page.evaluate(outsideTheWindow)).map((what) => `${width}×${height}: ${what}`));
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    return found;
  };

  test('nothing is cut off and nothing overflows, at 1280×900, 1024×768 and 1920×1080', async () => {
    expect(await overflowing()).toEqual([]);
  });

  test('one click on a sample: it is heard, its text comes, and the recording ends with it; no microphone is needed', async () => {
    const refused = await appPage.app.evaluate(() =>
      navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'opened',
        (error: Error) => error.name,
      ),
    );
    expect(refused).toBe('NotAllowedError');
    await sample('会议').click();
    await appPage.waitForLiveText();
    await expect.poll(() => player().textContent()).toContain('正在听：今天的会议现在开始。');
    expect(await page.evaluate(() => (globalThis as unknown as { __played: number[] }).__played)).toEqual([
      31,
    ]);
    await player().getByRole('button', { name: '静音' }).click();
    await waitForSaved();
    await expect.poll(() => appPage.rows()).toEqual(MEETING.sentences);
    await player().waitFor({ state: 'hidden' });
    await expect
      .poll(figures)
      .toMatchObject({ 第几任容器: '第 1 任（epoch）', 存下的句子: expect.stringMatching(/^9 句/) });
    expect(appPage.errors).toEqual([]);
  });

  test('the container killed in the middle: another takes over, and the transcript is whole', async () => {
    await sample('会议').click();
    await appPage.waitForStored(2);
    await page.getByRole('button', { name: '杀掉容器' }).click();
    await expect.poll(figures, { timeout: 30_000 }).toMatchObject({
      第几任容器: '第 2 任（epoch）',
      连接: '通 · 重新接上 1 次',
    });
    await waitForSaved();
    await expect.poll(() => appPage.rows()).toEqual(MEETING.sentences);
    await expect.poll(figures).toMatchObject({ 存下的句子: expect.stringMatching(/^9 句/) });
    // The figures are drawn twice a second, all at once: two of them are compared within one reading.
    await expect
      .poll(async () => {
        const { 手机录到: recorded, 已经存好: stored } = await figures();
        return recorded === stored ? 'equal' : `${recorded} recorded, ${stored} stored`;
      })
      .toBe('equal');
  });

  test('a file of one’s own is the microphone; one that is none says why', async () => {
    await chooseFile(page, '笔记.txt', new TextEncoder().encode('不是声音'));
    await page.getByRole('alert').getByText('浏览器读不懂「笔记.txt」：请换成 WAV 或 MP3').waitFor();
    await chooseFile(page, '空.wav', new Uint8Array());
    await page.getByText('「空.wav」是空的').waitFor();
    await chooseFile(page, '静音.wav', writeWav(new Int16Array(FILE_RATE_HZ), FILE_RATE_HZ));
    await page.getByText('「静音.wav」全是静音').waitFor();
    await chooseFile(
      page,
      '太长.wav',
      writeWav(new Int16Array(LONG_MINUTES * 60 * LOW_RATE_HZ), LOW_RATE_HZ),
    );
    await page.getByText('「太长.wav」长 20 分钟，最多 15 分钟：请先剪短').waitFor();

    const { samples, sampleRateHz } = readWav(fs.readFileSync(path.join(SAMPLES, 'phrases/weather.wav')));
    await chooseFile(
      page,
      '我的录音.wav',
      writeWav(resample(samples, sampleRateHz, FILE_RATE_HZ), FILE_RATE_HZ),
    );
    await waitForSaved();
    await expect.poll(() => appPage.rows()).toEqual(['今天天气怎么样？']);
  });

  test('a recording that is stopped, or given back to the microphone, lets the sound go', async () => {
    await sample('日常').click();
    await appPage.waitForLiveText();
    await appPage.stop();
    await player().waitFor({ state: 'hidden' });
    await sample('连着说').click();
    await appPage.waitForLiveText();
    await page.getByRole('button', { name: '换回麦克风' }).click();
    await player().waitFor({ state: 'hidden' });
  });

  test('offline, a call and the background are switches; every figure explains itself to the keyboard too', async () => {
    for (const name of ['断网', '来电', '后台']) {
      const button = page.getByRole('button', { name, exact: true });
      await button.click();
      await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true');
      await button.click();
      await expect.poll(() => button.getAttribute('aria-pressed')).toBe('false');
      await expect.poll(() => button.getAttribute('aria-describedby')).toMatch(/^hint-/);
    }
    for (const figure of await page.locator('.figure').all()) {
      await figure.focus();
      await expect
        .poll(() => page.locator('#explanation').textContent())
        .toBe(await figure.getAttribute('aria-description'));
    }
  });
});

describe.skipIf(browserFile === undefined)('with a model', () => {
  const MODEL = 'a-streaming-model-with-a-long-name-zipformer2-ctc-zh-en-int8-2026-01-01';

  test('any file of one’s own is recognised, and the page says by what', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'start-page-model-'));
    const asrModel = path.join(folder, MODEL);
    writeToyModel(asrModel);
    const cloud = await startLocalCloud({ dataDir: path.join(folder, 'data'), env: {}, asrModel });
    const browser = await launchBrowserWithoutMicrophone();
    onTestFinished(async () => {
      await browser.close();
      await cloud.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    });
    const viewport = { width: 1280, height: 900 };
    const appPage = await AppPage.open(browser, cloud.url, '', '', { viewport, permissions: [] });
    const { page } = appPage;
    const told = () => page.locator('#bar').textContent();
    await expect.poll(told).toContain(`本机的 sherpa-onnx 模型 ${MODEL}`);
    await expect.poll(told).not.toContain('短语库');
    expect(await page.evaluate(outsideTheWindow)).toEqual([]);
    // the container is not the launcher's to start again here
    await expect.poll(() => page.getByRole('button', { name: '杀掉容器' }).count()).toBe(0);
    await chooseFile(page, '我的录音.wav', writeWav(renderTones([0.5, '今', '天', '你', '好', 1.5]), 16_000));
    await expect
      .poll(() => appPage.app.locator('.line-text').allTextContents(), { timeout: RECORDED_WITHIN_MS })
      .toEqual(['今天你好']);
  });
});
