import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import type { AppPage } from './app-page.ts';
import { useAppPage } from './use-app-page.ts';

/** Roles of what a person can operate; each of these needs a name. */
const CONTROLS = new Set(
  'button link textbox searchbox combobox listbox option switch checkbox radio tab slider dialog'.split(' '),
);
const TABS = ['实时', '历史', '统计', '一句话', '设置'] as const;

interface AxNode {
  ignored: boolean;
  role?: { value: string };
  name?: { value: string };
}

/** What assistive technology gets of the app's frame. */
async function controlsOf({ page }: AppPage): Promise<{ role: string; name: string }[]> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const frameId = frameTree.childFrames?.[0]?.frame.id;
  if (frameId === undefined) throw new Error('the app has no frame');
  const { nodes } = (await session.send('Accessibility.getFullAXTree', { frameId })) as { nodes: AxNode[] };
  await session.detach();
  return nodes
    .filter(({ ignored, role }) => !ignored && role !== undefined && CONTROLS.has(role.value))
    .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value.trim() ?? '' }));
}

/** Fields that are named by their placeholder alone, which is gone once something is typed. */
const fieldsWithoutName = ({ app }: AppPage): Promise<string[]> =>
  app.evaluate(() =>
    [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')]
      .filter((field) => {
        const label = field.getAttribute('aria-label')?.trim() || field.labels?.[0]?.textContent?.trim();
        return field.checkVisibility() && !label;
      })
      .map((field) => field.placeholder || field.className),
  );

/** @param least so many controls at least, so that an empty page does not pass */
async function expectNames(appPage: AppPage, where: string, least: number): Promise<void> {
  let controls: Awaited<ReturnType<typeof controlsOf>> = [];
  const count = async (): Promise<number> => {
    controls = await controlsOf(appPage);
    return controls.length;
  };
  await expect.poll(count, { message: where }).toBeGreaterThanOrEqual(least);
  expect(
    controls.filter(({ name }) => name === ''),
    `without a name: ${where}`,
  ).toEqual([]);
  expect(await fieldsWithoutName(appPage), `only a placeholder: ${where}`).toEqual([]);
}

describe.skipIf(browserFile === undefined)('for screen readers and the keyboard', () => {
  const current = useAppPage();
  const focused = (): Promise<string | null> =>
    current.appPage.app.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? null,
    );
  const dialog = (name: string) => current.appPage.app.getByRole('dialog', { name });

  test('every control of every page and sheet has a name', async () => {
    const { appPage } = current;
    // Without them the page is still loading.
    await appPage.figures('今天');
    for (const tab of TABS) {
      await appPage.tab(tab);
      await expectNames(appPage, tab, TABS.length + 1);
    }
    await appPage.openDeveloper();
    await expectNames(appPage, '开发者', 5);
    await appPage.back();
    await appPage.tab('实时');
    await appPage.button(/热词/).click();
    await dialog('热词').waitFor();
    await expectNames(appPage, '热词', 4);
    await appPage.page.keyboard.press('Escape');

    await appPage.record();
    await appPage.waitForStored(1);
    await expectNames(appPage, '录音中', TABS.length + 5);
    await appPage.button('添加标题').click();
    await dialog('标题').waitFor();
    await expectNames(appPage, '标题', 4);
    await appPage.page.keyboard.press('Escape');
    for (const tab of TABS.slice(1)) {
      await appPage.tab(tab);
      await expectNames(appPage, `${tab}，录音中`, TABS.length + 2);
    }
    await appPage.tab('实时');
    await appPage.stop();
    await expectNames(appPage, '录音已保存', TABS.length + 5);

    await appPage.history();
    await expectNames(appPage, '历史，有记录', TABS.length + 2);
    for (const [item, name] of [
      ['修改标题', '修改标题'],
      ['标签', '标签'],
    ] as const) {
      await appPage.find('.item-more').first().click();
      await appPage.button(item).last().click();
      await dialog(name).waitFor();
      await expectNames(appPage, name, 4);
      await appPage.page.keyboard.press('Escape');
      await dialog(name).waitFor({ state: 'detached' });
    }
    await appPage.find('.item-more').first().click();
    await appPage.button('选择多条').click();
    await appPage.button('导出').click();
    await dialog('导出选中的记录').waitFor();
    await expectNames(appPage, '导出选中的记录', 8);
    await appPage.page.keyboard.press('Escape');
    await appPage.button('完成').click();
    await appPage.openRecord(0);
    await expectNames(appPage, '录音详情', 5);
    const closes = async (name: string, least: number) => {
      await dialog(name).waitFor();
      await expectNames(appPage, name, least);
      await appPage.page.keyboard.press('Escape');
      await dialog(name).waitFor({ state: 'detached' });
    };
    await appPage.button('导出').first().click();
    await closes('导出', 3);
    await appPage.button(/^标题/).click();
    await closes('标题', 4);
    await appPage.button('查找').first().click();
    await appPage.find('.find-input').fill('会议');
    await appPage.find('.find-input').press('Enter');
    await appPage.button('下一处').waitFor();
    await expectNames(appPage, '查找', 8);
    await appPage.button('替换').click();
    await closes('全部替换', 4);
  });

  test('a sheet takes the focus, keeps it, closes with Escape and gives the focus back', async () => {
    const { appPage } = current;
    const { keyboard } = appPage.page;
    await appPage.button(/热词/).focus();
    await keyboard.press('Enter');
    await dialog('热词').waitFor();
    await expect.poll(focused).toBe('热词');
    const inside = (): Promise<boolean> =>
      appPage.app.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null);
    for (let tab = 0; tab < 8; tab++) {
      await keyboard.press(tab % 3 === 2 ? 'Shift+Tab' : 'Tab');
      expect(await inside()).toBe(true);
    }
    await appPage.app.getByLabel('热词，一行一个').focus();
    await keyboard.type('云开发');
    await keyboard.press('Escape');
    await dialog('热词').waitFor({ state: 'detached' });
    await expect.poll(focused).toMatch(/热词/);
  });

  test('a dialog of WeChat takes the focus, and Escape means no', async () => {
    const { appPage } = current;
    await appPage.tab('设置');
    await appPage.button('删除我的全部数据').focus();
    await appPage.page.keyboard.press('Enter');
    await dialog('删除我的全部数据？').waitFor();
    await expect.poll(focused).toBe('删除我的全部数据？');
    await appPage.page.keyboard.press('Escape');
    await dialog('删除我的全部数据？').waitFor({ state: 'detached' });
    await expect.poll(() => appPage.find('.deletion').textContent()).not.toContain('正在删除');
  });

  test('recording, the language, a switch and the developer page need no pointer', async () => {
    const { appPage } = current;
    const { keyboard } = appPage.page;
    await appPage.find('.record').focus();
    await keyboard.press('Enter');
    await appPage.find('.record-recording').waitFor();
    await appPage.waitForStored(1);
    await appPage.find('.record').focus();
    await keyboard.press(' ');
    await appPage.waitForConnection('已保存');

    await appPage.app.getByRole('combobox', { name: '识别语言' }).locator('visible=true').focus();
    await keyboard.press('Enter');
    await appPage.app.getByRole('option').nth(1).focus();
    await keyboard.press('Enter');
    const picker = appPage.app.getByRole('combobox', { name: '识别语言' }).locator('visible=true');
    await expect.poll(() => picker.getAttribute('aria-label')).not.toContain('普通话');

    await appPage.tab('设置');
    const words = appPage.app.getByRole('switch', { name: '词级时间' });
    const before = await words.getAttribute('aria-checked');
    await words.focus();
    await keyboard.press(' ');
    await expect.poll(() => words.getAttribute('aria-checked')).not.toBe(before);
    await appPage.button(/^版本/).focus();
    for (let press = 0; press < 4; press++) await keyboard.press('Enter');
    await appPage.find('.version-hint').getByText('再点 3 次').waitFor();
    for (let press = 0; press < 3; press++) await keyboard.press('Enter');
    await appPage.find('[aria-label="云托管服务名"]').waitFor();
  });

  test('the list of example sentences can be scrolled with the keyboard', async () => {
    const { appPage } = current;
    const list = appPage.find('.scroll');
    await list.focus();
    await appPage.page.keyboard.press('PageDown');
    await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  });
});
