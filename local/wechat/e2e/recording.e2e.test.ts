import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import type { AppPage } from './app-page.ts';
import { durationMs, MEETING, speechFromEnvironment, startTestBed, type TestBed } from './test-bed.ts';

/** The last sentence needs a silence, and a loaded machine is slow. */
const SLACK_MS = 30_000;

describe.skipIf(browserFile === undefined)('a recording, from tap to trash and back', () => {
  let testBed: TestBed;
  let appPage: AppPage;
  let transcript: string[];
  let countBefore: number;

  beforeAll(async () => {
    testBed = await startTestBed();
    appPage = await testBed.openApp();
  });
  afterAll(async () => {
    await testBed?.stop();
  });

  const countToday = async (): Promise<number> => Number((await appPage.figures('今天')).次数);

  test('from the open page to live text it takes one tap', async () => {
    countBefore = await countToday();
    await appPage.tab('实时');
    await appPage.tapRecord();
    await appPage.waitForLiveText();
    await appPage.waitForConnection('已连接');
  });

  test('sentences come out as they were spoken, and are stored while the recording goes on', async () => {
    const settled = await appPage.waitForStored(2);
    expect(settled).toEqual(MEETING.sentences.slice(0, settled.length));
  });

  test('stop saves what was spoken', async () => {
    transcript = await appPage.stop();
    expect(transcript.length).toBeGreaterThanOrEqual(2);
    await appPage.waitForBanner(`已保存 ${transcript.length} 句`);
  });

  test('the record stands in the history with the same sentences', async () => {
    await appPage.waitForRecords(1);
    // The button behind a closed row would shine through at its rounded corners.
    await expect.poll(() => appPage.find('.swipe-action').first().isVisible()).toBe(false);
    expect(await appPage.openRecord(0)).toEqual(transcript);
  });

  test.each(['TXT', 'SRT', 'VTT', 'JSON'])('the export as %s holds every sentence', async (name) => {
    await appPage.button('导出').click();
    await appPage.app.getByRole('radio', { name: new RegExp(name, 'i') }).click();
    // The button alone may still stand for the format that was chosen before.
    await expect.poll(() => appPage.find('.file-name').textContent()).toContain(`.${name.toLowerCase()}`);
    const downloading = appPage.page.waitForEvent('download');
    await appPage.button('发送文件').click();
    const download = await downloading;
    expect(download.suggestedFilename().toLowerCase()).toContain(`.${name.toLowerCase()}`);
    const content = fs.readFileSync(await download.path(), 'utf8');
    for (const sentence of transcript) expect(content).toContain(sentence);
    if (name === 'SRT') expect(content).toMatch(/^1\r?\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}/);
    if (name === 'VTT') expect(content).toMatch(/^WEBVTT/);
    if (name === 'JSON') expect(() => JSON.parse(content)).not.toThrow();
  });

  test('the statistics have risen by one', async () => {
    await appPage.back();
    await expect.poll(countToday, { timeout: 15_000 }).toBe(countBefore + 1);
    await expect.poll(async () => Number((await appPage.figures('今天')).句数)).toBe(transcript.length);
  });

  test('delete takes the record away, undo brings it back', async () => {
    const [title] = await appPage.history();
    await appPage.find('.item-body').first().click({ delay: 600 });
    await appPage.button('删除').last().click();
    await expect.poll(() => appPage.find('.item-title').count()).toBe(0);
    await appPage.button('撤销').click();
    await expect.poll(() => appPage.find('.item-title').allTextContents()).toEqual([title]);
  });

  test('nothing was reported as an error in all of this', () => {
    expect(appPage.errors).toEqual([]);
  });
});

const whole = speechFromEnvironment() ?? MEETING;

describe.skipIf(browserFile === undefined)('a whole recording (E2E_WAV and E2E_TEXT give another)', () => {
  let testBed: TestBed;
  beforeAll(async () => {
    testBed = await startTestBed(whole);
  });
  afterAll(async () => {
    await testBed?.stop();
  });

  test('every sentence is recognised and stored', async () => {
    const appPage = await testBed.openApp();
    await appPage.record();
    const count = whole.sentences.length;
    const settled = await appPage.waitForStored(count, durationMs(whole.wav) + SLACK_MS);
    expect(settled).toEqual(whole.sentences);
    expect(await appPage.stop()).toEqual(whole.sentences);
    await appPage.history();
    expect(await appPage.openRecord(0)).toEqual(whole.sentences);
  }, 600_000);
});
