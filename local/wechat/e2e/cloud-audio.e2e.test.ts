import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SESSIONS, UPLOADS } from '../../../contract/records.ts';
import { browserFile } from '../testing/browser.ts';
import type { AppPage } from './app-page.ts';
import { findIn, Listener, readMono, utteranceStarts } from './listening.ts';
import { deletedLongAgo } from './seed.ts';
import { MEETING } from './test-bed.ts';
import { useAppPage } from './use-app-page.ts';

const RATE_HZ = 16_000;
const FINISHED = { timeout: 60_000 };
const WITHIN_MS = 700;

describe.skipIf(browserFile === undefined)('a recording in the cloud folder of its user', () => {
  const current = useAppPage();
  const meeting = readMono(MEETING.wav);
  const starts = utteranceStarts(meeting, 1_000);

  const local = async (route: string, init?: RequestInit): Promise<unknown> =>
    (await fetch(`${current.testBed.cloud.urls.gateway}/_local/${route}`, init)).json();
  const dump = (collection: string) => local(`dump/${collection}`) as Promise<Record<string, unknown>[]>;
  /** Names of the files in the cloud storage, as it keeps them. */
  const stored = (): string[] => {
    const folder = path.join(current.testBed.cloud.dataDir, 'cloudbase', 'files');
    return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  };

  const chooseUpload = async (appPage: AppPage): Promise<void> => {
    await appPage.tab('设置');
    await appPage.app.getByRole('switch', { name: /云端文件夹/ }).click();
    await appPage.button('也存云端').click();
    await appPage.app.getByRole('switch', { name: /没有 Wi-Fi 时也上传/ }).waitFor();
    await appPage.tab('实时');
  };
  /** Records two sentences with both settings on, and waits for the upload. */
  const recordAndUpload = async (): Promise<void> => {
    const { appPage } = current;
    await new Listener(appPage).decide(true);
    await chooseUpload(appPage);
    await appPage.record();
    await appPage.waitForStored(2);
    expect(stored()).toEqual([]);
    await appPage.stop();
    await expect
      .poll(async () => (await dump(UPLOADS)).filter(({ root }) => root !== undefined).length, FINISHED)
      .toBeGreaterThan(0);
  };

  test('is heard on another phone, and goes with its record', async () => {
    await recordAndUpload();
    const other = await current.testBed.openApp();
    const listener = new Listener(other);
    await other.history();
    await other.openRecord(0);
    expect(await listener.files('voice-audio')).toEqual([]);
    await other.find('.player-absence').getByText('在你的云端文件夹里').waitFor(FINISHED);
    await other.button(/从云端载入（.* MB）/).click();
    await listener.playing();
    await other.find('#line-1 .line-main').click();
    await expect.poll(() => listener.marked(), FINISHED).toBe(1);
    const { pcm } = await listener.playing();
    const { ms, correlation } = findIn(meeting, pcm.slice(0, RATE_HZ));
    expect(correlation).toBeGreaterThan(0.9);
    expect(Math.abs(ms - (starts[1] as number))).toBeLessThan(WITHIN_MS);
    expect(await listener.files('voice-audio')).toEqual([]);
    expect(other.errors).toEqual([]);
    await other.page.context().close();

    const [{ _id = '' } = {}] = (await dump(SESSIONS)) as { _id?: string }[];
    await local('call/history', {
      method: 'POST',
      headers: { 'x-local-user': 'A' },
      body: JSON.stringify({ action: 'delete', sessionId: _id }),
    });
    await local('timer/history/purge', { method: 'POST' });
    expect(stored()).not.toEqual([]);
    await deletedLongAgo(current.testBed.cloud, _id);
    await local('timer/history/purge', { method: 'POST' });
    expect([await dump(UPLOADS), stored()]).toEqual([[], []]);
  });

  test('is deleted in the settings, and is not uploaded again', async () => {
    await recordAndUpload();
    const { appPage } = current;
    await appPage.tab('设置');
    await appPage.button('删除云端的录音').click();
    await appPage.button('删除').last().click();
    await expect.poll(async () => [await dump(UPLOADS), stored()], FINISHED).toEqual([[], []]);
    await appPage.reload();
    await appPage.history();
    await appPage.openRecord(0);
    await appPage.find('.player-controls').waitFor(FINISHED);
    expect([await dump(UPLOADS), stored()]).toEqual([[], []]);
    expect(appPage.errors).toEqual([]);
  });

  test('is not uploaded by those who have not chosen it', async () => {
    const { appPage } = current;
    await new Listener(appPage).decide(true);
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.stop();
    await appPage.history();
    await appPage.openRecord(0);
    await appPage.find('.player-controls').waitFor(FINISHED);
    expect([await dump(UPLOADS), stored()]).toEqual([[], []]);
  });
});
