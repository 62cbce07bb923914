import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import type { Phone } from './phone.ts';
import { durationMs, MEETING, ownSpeech, startTestBed, type TestBed } from './test-bed.ts';

/** The last sentence needs a silence, and a loaded machine is slow. */
const SLACK_MS = 30_000;

describe.skipIf(browserFile === undefined)('a recording, from tap to trash and back', () => {
  let testBed: TestBed;
  let phone: Phone;
  let transcript: string[];
  let countBefore: number;

  beforeAll(async () => {
    testBed = await startTestBed();
    phone = await testBed.phone();
  });
  afterAll(async () => {
    await testBed?.stop();
  });

  const countToday = async (): Promise<number> => Number((await phone.figures('今天')).次数);

  test('from the open page to live text it takes one tap', async () => {
    countBefore = await countToday();
    await phone.tab('实时');
    await phone.tapRecord();
    await phone.waitForLiveText();
    expect(await phone.connection()).toBe('已连接');
  });

  test('sentences come out as they were spoken, and are stored while the recording goes on', async () => {
    const settled = await phone.waitForStored(2);
    expect(settled).toEqual(MEETING.sentences.slice(0, settled.length));
  });

  test('stop saves what was spoken', async () => {
    transcript = await phone.stop();
    expect(transcript.length).toBeGreaterThanOrEqual(2);
    await phone.waitForBanner(`已保存 ${transcript.length} 句`);
  });

  test('the record stands in the history with the same sentences', async () => {
    expect(await phone.history()).toHaveLength(1);
    // The button behind a closed row would shine through at its rounded corners.
    expect(await phone.find('.swipe-action').first().isVisible()).toBe(false);
    expect(await phone.openRecord(0)).toEqual(transcript);
  });

  test.each(['TXT', 'SRT', 'VTT', 'JSON'])('the export as %s holds every sentence', async (name) => {
    await phone.button('导出').click();
    await phone.app.getByRole('radio', { name: new RegExp(name, 'i') }).click();
    const send = phone.button('发送文件');
    await expect.poll(() => send.getAttribute('class')).not.toContain('disabled');
    const downloading = phone.page.waitForEvent('download');
    await send.click();
    const download = await downloading;
    expect(download.suggestedFilename().toLowerCase()).toContain(`.${name.toLowerCase()}`);
    const content = fs.readFileSync(await download.path(), 'utf8');
    for (const sentence of transcript) expect(content).toContain(sentence);
    if (name === 'SRT') expect(content).toMatch(/^1\r?\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}/);
    if (name === 'VTT') expect(content).toMatch(/^WEBVTT/);
    if (name === 'JSON') expect(() => JSON.parse(content)).not.toThrow();
  });

  test('the statistics have risen by one', async () => {
    await phone.back();
    await expect.poll(countToday, { timeout: 15_000 }).toBe(countBefore + 1);
    expect(Number((await phone.figures('今天')).句数)).toBe(transcript.length);
  });

  test('delete takes the record away, undo brings it back', async () => {
    const [title] = await phone.history();
    await phone.find('.item-body').first().click({ delay: 600 });
    await phone.button('删除').last().click();
    await expect.poll(() => phone.find('.item-title').count()).toBe(0);
    await phone.button('撤销').click();
    await expect.poll(() => phone.find('.item-title').allTextContents()).toEqual([title]);
  });

  test('nothing was reported as an error in all of this', () => {
    expect(phone.errors).toEqual([]);
  });
});

const whole = ownSpeech() ?? MEETING;

describe.skipIf(browserFile === undefined)('a whole recording (E2E_WAV and E2E_TEXT give another)', () => {
  let testBed: TestBed;
  beforeAll(async () => {
    testBed = await startTestBed(whole);
  });
  afterAll(async () => {
    await testBed?.stop();
  });

  test('every sentence is recognised and stored', async () => {
    const phone = await testBed.phone();
    await phone.record();
    const count = whole.sentences.length;
    const settled = await phone.waitForStored(count, durationMs(whole.wav) + SLACK_MS);
    expect(settled).toEqual(whole.sentences);
    expect(await phone.stop()).toEqual(whole.sentences);
    await phone.history();
    expect(await phone.openRecord(0)).toEqual(whole.sentences);
  }, 600_000);
});
