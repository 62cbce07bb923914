import fs from 'node:fs';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import type { AppPage } from './app-page.ts';
import { seedSessions, storedSession } from './seed.ts';
import { useAppPage } from './use-app-page.ts';

const SLOW = { timeout: 30_000 };
const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS);

const menu = async (appPage: AppPage, title: string, choice: string): Promise<void> => {
  await appPage.button(`更多操作：${title}`).click();
  await appPage.app.locator('.wx-sheet, [role=dialog]').getByText(choice, { exact: true }).click();
};
const titles = (appPage: AppPage): Promise<string[]> => appPage.find('.item-title').allTextContents();
/** Headings and titles, from top to bottom. */
const lines = (appPage: AppPage): Promise<string[]> =>
  appPage.find('.day, .list .item-title').allTextContents();
const item = (appPage: AppPage, title: string) => appPage.find('.item').filter({ hasText: title });

describe.skipIf(browserFile === undefined)('the history', () => {
  const current = useAppPage();

  beforeAll(async () => {
    const { cloud } = current.testBed;
    const openid = cloud.users.A ?? '';
    const losses = [{ startMs: 0, endMs: 500, reason: 'asr' as const }];
    await seedSessions(cloud, [
      storedSession(openid, 'today-0001', ['嗯，那个，', '项目进展比较顺利。'], { startedAt: new Date() }),
      storedSession(openid, 'yesterday-1', ['大家好，下周交付。'], {
        startedAt: hoursAgo(24),
        title: '周会',
        state: 'interrupted',
        losses,
      }),
      storedSession(openid, 'yesterday-2', ['买牛奶。'], { startedAt: hoursAgo(24.1), source: 'oneshot' }),
      ...['甲', '乙', '丙'].map((name, at) =>
        storedSession(openid, `earlier-000${at}`, ['第一句。', `客户${name}的需求。`], {
          startedAt: hoursAgo(72 + at),
          title: `客户${name}`,
        }),
      ),
    ]);
  });

  test('stands under days, and says of each record when, what and what is special', async () => {
    const { appPage } = current;
    await appPage.history();
    const shown = await lines(appPage);
    expect(shown[0]).toBe('今天');
    expect(shown[1]).toMatch(/^周.(凌晨|早上|上午|中午|下午|晚上) · 项目进展比较顺利$/);
    expect(shown.slice(2, 4)).toEqual(['昨天', '周会']);
    expect(shown[5]).toMatch(/^\d+月\d+日 周.$/);
    const badges = (title: string) => item(appPage, title).locator('.badge').allTextContents();
    await expect.poll(() => badges('周会')).toEqual(['中断', '有缺失']);
    await expect.poll(() => badges('买牛奶')).toEqual(['一句话']);
    await appPage.app
      .getByRole('button', { name: /^周会，中断，有缺失，\d\d:\d\d · 00:03 · 1 句$/ })
      .waitFor();
    expect(appPage.errors).toEqual([]);
  });

  test('a record is renamed and pinned where it stands, and stays so', async () => {
    const { appPage } = current;
    await appPage.history();
    await menu(appPage, '客户甲', '修改标题');
    const sheet = appPage.app.getByRole('dialog', { name: '修改标题' });
    await sheet.getByLabel('标题').fill('客户甲的需求');
    await sheet.getByRole('button', { name: '保存' }).click();
    await item(appPage, '客户甲的需求').first().waitFor();
    await menu(appPage, '客户甲的需求', '置顶');
    await expect.poll(async () => (await lines(appPage)).slice(0, 2)).toEqual(['置顶', '客户甲的需求']);
    await appPage.reload();
    await appPage.history();
    expect((await lines(appPage)).slice(0, 3)).toEqual(['置顶', '客户甲的需求', '今天']);
    expect((await titles(appPage)).filter((title) => title === '客户甲的需求')).toHaveLength(1);
    await menu(appPage, '客户甲的需求', '取消置顶');
    await expect.poll(async () => (await lines(appPage))[0]).toBe('今天');
    expect(appPage.errors).toEqual([]);
  });

  test('tags are given, shown and filtered by', async () => {
    const { appPage } = current;
    await appPage.history();
    for (const title of ['客户乙', '周会']) {
      await menu(appPage, title, '标签');
      const sheet = appPage.app.getByRole('dialog', { name: '标签' });
      if (title === '客户乙') {
        await sheet.getByLabel('新标签').fill('待办');
        await sheet.getByRole('button', { name: '添加' }).click();
        await expect.poll(() => sheet.getByLabel('新标签').inputValue()).toBe('');
        // what is typed and not added is meant, too
        await sheet.getByLabel('新标签').fill('客户');
      } else await sheet.getByRole('checkbox', { name: '待办' }).click();
      await sheet.getByRole('button', { name: '保存' }).click();
      await sheet.waitFor({ state: 'hidden' });
    }
    await expect
      .poll(() => item(appPage, '客户乙').locator('.tag').allTextContents())
      .toEqual(['客户', '待办']);
    await appPage.app.getByRole('radio', { name: '待办' }).click();
    await expect.poll(() => titles(appPage)).toEqual(['周会', '客户乙']);
    await appPage.app.getByRole('radio', { name: '全部' }).click();
    await expect.poll(async () => (await titles(appPage)).length).toBe(6);
    expect(appPage.errors).toEqual([]);
  });

  test('several are selected, exported as one file, deleted at once and brought back at once', async () => {
    const { appPage } = current;
    const before = await appPage.history();
    await menu(appPage, '客户乙', '选择多条');
    await item(appPage, '客户丙').getByRole('checkbox').click();
    await appPage.find('.bar').getByText('已选 2 条').waitFor();
    await appPage.button('导出').click();
    const downloading = appPage.page.waitForEvent('download');
    await expect.poll(() => appPage.find('.sheet-note').textContent(), SLOW).toBe('语音记录 2 条.txt');
    await appPage.button('发送文件').click();
    const content = fs.readFileSync(await (await downloading).path(), 'utf8');
    expect(content.indexOf('客户乙的需求')).toBeGreaterThan(0);
    expect(content.indexOf('客户丙的需求')).toBeGreaterThan(content.indexOf('客户乙的需求'));

    await appPage.button('导出').click();
    await appPage.app.getByRole('radio', { name: /^SRT/ }).click();
    const archive = appPage.page.waitForEvent('download');
    await expect.poll(() => appPage.find('.sheet-note').textContent(), SLOW).toBe('语音记录 2 条 SRT.zip');
    await appPage.button('发送文件').click();
    const files = Object.values(unzipSync(fs.readFileSync(await (await archive).path())));
    expect(files.map((file) => Buffer.from(file).toString())).toEqual([
      expect.stringContaining('客户乙的需求'),
      expect.stringContaining('客户丙的需求'),
    ]);

    await appPage.find('.bar').getByRole('button', { name: '删除' }).click();
    await expect.poll(() => titles(appPage)).toEqual(before.filter((title) => !/客户[乙丙]/.test(title)));
    await appPage.find('.snack').getByText('已删除 2 条记录').waitFor();
    await appPage.button('撤销').click();
    await expect.poll(() => titles(appPage)).toEqual(before);
    expect(appPage.errors).toEqual([]);
  });

  test('a search hit opens its record at the sentence; a tag is found as well', async () => {
    const { appPage } = current;
    await appPage.history();
    const search = appPage.app.getByLabel('搜索历史记录');
    await search.fill('丙的');
    await appPage.find('.match').first().click();
    await appPage.find('.sheet-of-lines').waitFor();
    const query = await appPage.app.evaluate(() => {
      const { __pages } = globalThis as unknown as { __pages: { page(): { options: object } } };
      return __pages.page().options;
    });
    expect(query).toEqual({ id: 'earlier-0002', index: '1', q: '丙的' });
    await appPage.back();
    await search.fill('待办');
    await expect.poll(async () => (await appPage.find('.hit').allTextContents()).join()).toBe('待办,待办');
    expect(appPage.errors).toEqual([]);
  });

  test('a row follows the finger without setData, shows its action, and is deleted by it', async () => {
    const { appPage } = current;
    const before = await appPage.history();
    const sent = (): Promise<number> =>
      appPage.app.evaluate(() => (globalThis as unknown as { __setData: { calls: number } }).__setData.calls);
    const row = item(appPage, '客户乙');
    await row.scrollIntoViewIfNeeded();
    const box = await row.boundingBox();
    if (box === null) throw new Error('the row is not there');
    const { mouse } = appPage.page;
    const y = box.y + box.height / 2;
    await mouse.move(box.x + 300, y);
    await mouse.down();
    const calls = await sent();
    await mouse.move(box.x + 180, y, { steps: 30 });
    expect(await sent()).toBe(calls);
    await mouse.up();
    const action = row.getByRole('button', { name: '删除' });
    await action.waitFor();
    expect(await sent()).toBeLessThanOrEqual(calls + 1);
    await action.click();
    await expect.poll(() => titles(appPage)).toEqual(before.filter((title) => title !== '客户乙'));
    await appPage.button('撤销').click();
    await expect.poll(() => titles(appPage)).toEqual(before);
    await expect.poll(() => item(appPage, '客户乙').locator('.swipe-action').isVisible()).toBe(false);
    expect(appPage.errors).toEqual([]);
  });
});
