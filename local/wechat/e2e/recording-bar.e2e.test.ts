import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { useAppPage } from './use-app-page.ts';

const SLOW = { timeout: 30_000 };
const OTHER_TABS = ['历史', '统计', '一句话', '设置'] as const;

describe.skipIf(browserFile === undefined)('a running recording on the other pages', () => {
  const current = useAppPage();

  const bar = () => current.appPage.find('.recording-bar');
  const barSays = (state: string) => bar().getByText(state).waitFor(SLOW);
  const elapsed = async (): Promise<string | null> =>
    current.appPage.find('.recording-elapsed').textContent();

  test('is shown on every tab with its time, leads back, and never on its own page', async () => {
    const { appPage } = current;
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.stop();
    await appPage.record();
    await expect.poll(() => bar().count()).toBe(0);
    for (const tab of OTHER_TABS) {
      await appPage.tab(tab);
      await barSays('正在录音');
      const before = await elapsed();
      await expect.poll(elapsed, SLOW).not.toBe(before);
    }
    await appPage.button('正在录音，回到录音页').click();
    await appPage.find('.record-recording').waitFor();
    await appPage.waitForStored(1);
    await appPage.tab('历史');
    // The record before: the recording that goes on is a row of its own as soon as the phone has saved some of it.
    await appPage.find('.item-body').last().click();
    await barSays('正在录音');
    await appPage.button('结束录音').click();
    await bar().waitFor({ state: 'detached', ...SLOW });
    await appPage.back();
    await expect.poll(() => appPage.find('.item-title').count(), SLOW).toBe(2);
    await appPage.tab('实时');
    await appPage.waitForConnection('已保存');
    expect(appPage.errors).toEqual([]);
  });

  test('says that the connection is lost, that it is paused, and that it is not stored yet', async () => {
    const { appPage } = current;
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.tab('统计');
    await appPage.host((host) => host.setOnline(false));
    await barSays('正在重连');
    await appPage.host((host) => host.interrupt(true));
    await barSays('录音已暂停');
    await appPage.button('结束录音').click();
    await barSays('还没存好');
    await expect.poll(() => appPage.button('结束录音').count()).toBe(0);
    await appPage.host((host) => host.setOnline(true));
    await bar().waitFor({ state: 'detached', ...SLOW });
  });

  test('a screen reader hears the state, and not every second', async () => {
    const { appPage } = current;
    await appPage.record();
    await appPage.tab('统计');
    await barSays('正在录音');
    const spoken = appPage.find('.recording-spoken');
    await expect.poll(() => spoken.getAttribute('role')).toBe('status');
    await spoken.evaluate((element) => {
      const scope = globalThis as unknown as { changes: number };
      scope.changes = 0;
      new MutationObserver(() => scope.changes++).observe(element, {
        characterData: true,
        childList: true,
        subtree: true,
      });
    });
    const before = await elapsed();
    await expect.poll(elapsed, SLOW).not.toBe(before);
    expect(await appPage.app.evaluate(() => (globalThis as unknown as { changes: number }).changes)).toBe(0);
  });

  test('one-shot says that the microphone is in use instead of failing, and works afterwards', async () => {
    const { appPage } = current;
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.tab('一句话');
    await appPage.find('.welcome-title').getByText('正在实时录音').waitFor();
    await appPage.find('.hold').click({ force: true });
    await expect.poll(() => appPage.find('.banner-place').count()).toBe(0);
    await appPage.button('去录音页').click();
    await appPage.stop();
    await appPage.tab('一句话');
    await appPage.find('.welcome-title').getByText('说一句，出一句').waitFor();
    await appPage.find('.hold').click();
    await appPage.find('.seconds').waitFor();
  });

  test('a new version waits until the recording is over', async () => {
    const { appPage } = current;
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.host((host) => host.device().updateReady());
    const dialog = appPage.app.getByRole('dialog', { name: '新版本已经准备好' });
    await appPage.stop();
    await appPage.waitForConnection('已保存');
    await dialog.waitFor(SLOW);
    await appPage.app.evaluate(() => {
      (globalThis as unknown as { before?: boolean }).before = true;
    });
    await appPage.button('重新启动').click();
    await expect
      .poll(() => appPage.app.evaluate(() => (globalThis as unknown as { before?: boolean }).before), SLOW)
      .toBeUndefined();
    await appPage.find('.record-idle').waitFor(SLOW);
  });
});
