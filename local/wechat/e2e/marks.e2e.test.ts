import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import type { AppPage } from './app-page.ts';
import { useAppPage } from './use-app-page.ts';

const SLOW = { timeout: 30_000 };

const giveTitle = async (appPage: AppPage, title: string): Promise<void> => {
  await appPage.button(/^(添加标题|标题：)/).click();
  await appPage.app.getByLabel('这次录音的标题').fill(title);
  await appPage.app.getByRole('dialog', { name: '标题' }).getByRole('button', { name: '保存' }).click();
  await appPage.button(`标题：${title}，点按修改`).waitFor();
};

describe.skipIf(browserFile === undefined)('marks and a title, given while recording', () => {
  const current = useAppPage();

  test('stand in the transcript, in the record and in its export; one is taken back', async () => {
    const { appPage } = current;
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.button('标记这一刻').click();
    await appPage.find('.marked').getByText('已标记').waitFor();
    await expect
      .poll(() => appPage.app.evaluate(() => document.documentElement.dataset.vibrated))
      .toBe('light');
    await appPage.button(/^撤销标记/).click();
    await appPage.find('.marked').waitFor({ state: 'detached' });
    await expect.poll(() => appPage.find('.line-mark').count()).toBe(0);
    await appPage.waitForStored(2);
    await appPage.button('标记这一刻').click();
    await appPage.find('.line-mark').waitFor();
    await giveTitle(appPage, '产品周会');
    await appPage.stop();
    await appPage.find('.line-mark').waitFor();

    await expect.poll(() => appPage.history()).toContain('产品周会');
    await appPage.openRecord(0);
    await expect.poll(() => appPage.find('.line-mark').count(), SLOW).toBe(1);
    await appPage.button('共 1 个标记，转到第 1 个').click();
    await appPage.find('.line-marked .line-mark').waitFor();
    await appPage.button('导出').click();
    await expect.poll(() => appPage.find('.file-name').textContent()).toContain('产品周会.txt');
    const downloading = appPage.page.waitForEvent('download');
    await appPage.button('发送文件').click();
    const content = fs.readFileSync(await (await downloading).path(), 'utf8');
    expect(content).toMatch(/\[00:00:\d\d\] 〔标记〕/);
    expect(content.split('〔标记〕')).toHaveLength(2);
    expect(appPage.errors).toEqual([]);
  });

  test('that were given without a network are not lost when the app is ended', async () => {
    const { appPage } = current;
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.host((host) => host.setOnline(false));
    await appPage.waitForConnection('正在重连');
    const elapsed = (): Promise<string | null> => appPage.find('.elapsed').textContent();
    const before = await elapsed();
    await appPage.button('标记这一刻').click();
    // Two taps at the same audio are one mark.
    await expect.poll(elapsed, SLOW).not.toBe(before);
    await appPage.button(/^标记这一刻，已有 1 个/).click();
    await appPage.button(/^标记这一刻，已有 2 个/).waitFor();
    await giveTitle(appPage, '断网时的标题');
    await appPage.reload();
    const titles = async (): Promise<string[]> => {
      await appPage.tab('实时');
      return appPage.history();
    };
    await expect.poll(titles, SLOW).toContain('断网时的标题');
    await appPage.openRecord(0);
    await appPage.button('共 2 个标记，转到第 1 个').waitFor();
  });
});
