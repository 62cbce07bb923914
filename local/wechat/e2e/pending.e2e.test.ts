import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { useAppPage } from './use-app-page.ts';

const SLOW = { timeout: 30_000 };

describe.skipIf(browserFile === undefined)('recordings in the history before they are delivered', () => {
  const current = useAppPage();

  test('one that is going on is a row of its own, which leads to it, and becomes a record when it ends', async () => {
    const { appPage } = current;
    await appPage.record();
    await appPage.waitForStored(2);
    await appPage.tab('历史');
    const row = appPage.find('.recording').filter({ hasText: /正在录音 \d+ 秒/ });
    await row.waitFor(SLOW);
    await expect.poll(() => appPage.find('.item').count()).toBe(0);
    await row.getByRole('button', { name: /^去看看/ }).click();
    await appPage.find('.record-recording').waitFor();
    await appPage.stop();
    await appPage.tab('历史');
    await appPage.find('.item').first().waitFor(SLOW);
    await expect.poll(() => appPage.find('.recording').count()).toBe(0);
    expect(appPage.errors).toEqual([]);
  });

  test('one that was left without a network waits there, and is uploaded from there', async () => {
    const { appPage } = current;
    await appPage.leaveUndelivered();
    const row = appPage.find('.recording').filter({ hasText: /待上传 \d+ 秒/ });
    await row.waitFor(SLOW);
    await row.getByText('24 小时内').waitFor();

    await row.getByRole('button', { name: /^丢弃/ }).click();
    await appPage.button('保留').click();
    await row.waitFor();

    await appPage.host((host) => host.setOnline(true));
    await appPage.button('重试').click();
    await row.getByRole('button', { name: /^上传/ }).click();
    await expect.poll(() => appPage.find('.recording').count(), SLOW).toBe(0);
    await expect.poll(() => appPage.find('.item').count(), SLOW).toBeGreaterThan(0);
    const [, ...later] = await appPage.history();
    // the record of the first test, and this one, no more
    expect(later).toHaveLength(1);
    expect((await appPage.openRecord(0)).length).toBeGreaterThan(1);
  });

  test('one that is not wanted is discarded after a question', async () => {
    const { appPage } = current;
    await appPage.leaveUndelivered();
    await appPage.find('.recording').getByRole('button', { name: /^丢弃/ }).click();
    await appPage.app.getByRole('dialog').getByText('丢弃这段录音？').waitFor();
    await appPage.button('丢弃').last().click();
    await expect.poll(() => appPage.find('.recording').count()).toBe(0);
    await appPage.tab('实时');
    await appPage.tab('历史');
    await expect.poll(() => appPage.find('.recording').count()).toBe(0);
  });
});
