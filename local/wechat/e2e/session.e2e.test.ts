import fs from 'node:fs';
import { strFromU8, unzipSync } from 'fflate';
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { aLongSession } from '../../../functions/shared/testing/records.ts';
import { browserFile } from '../testing/browser.ts';
import type { AppPage } from './app-page.ts';
import { seedLongSession } from './seed.ts';
import { useAppPage } from './use-app-page.ts';

const USER = 'oLocalUserA';
const ID = 'long-session';
const SENTENCES = 2_000;
/** A hit in every hundred. */
const textOf = (index: number): string =>
  index % 100 === 0 ? `第${index}句，讲预算，预算要再看。` : `第${index}句，讲别的。`;

const SLOW = { timeout: 30_000 };

/** Opens the record as the list of records does. */
const openRecord = (appPage: AppPage, query = ''): Promise<void> =>
  appPage.app.evaluate((url) => {
    const { wx } = globalThis as unknown as { wx: { navigateTo(option: object): Promise<unknown> } };
    return wx.navigateTo({ url }).then(() => undefined);
  }, `/pages/session/session?id=${ID}${query}`);

/** What is written to the clipboard from now on. */
async function clipboardOf(appPage: AppPage): Promise<() => Promise<string[]>> {
  await appPage.app.evaluate(() => {
    const copied: string[] = [];
    Object.assign(globalThis, { __copied: copied });
    navigator.clipboard.writeText = async (text) => void copied.push(text);
  });
  return () => appPage.app.evaluate(() => (globalThis as unknown as { __copied: string[] }).__copied);
}

const isOnScreen = (element: Locator): Promise<boolean> =>
  element.evaluate((node) => {
    const { top, bottom } = node.getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight;
  });

describe.skipIf(browserFile === undefined)('a record after it was spoken', () => {
  const current = useAppPage();
  beforeAll(async () => {
    await seedLongSession(current.testBed.cloud, aLongSession(ID, SENTENCES, { _openid: USER }, textOf));
  });
  const status = () => current.appPage.app.getByRole('status').filter({ hasText: '句' });
  const dialog = (name: string) => current.appPage.app.getByRole('dialog', { name });

  test('a hit opens at its sentence, highlighted, and the others are one step away', async () => {
    const { appPage } = current;
    await openRecord(appPage, `&index=1800&q=${encodeURIComponent('预算')}`);
    const marked = appPage.find('.line-marked');
    await marked.getByText('第1800句').waitFor(SLOW);
    await expect.poll(() => marked.locator('.hit').allTextContents()).toEqual(['预算', '预算']);
    await status().getByText('第 19 / 20 句').waitFor(SLOW);
    await expect.poll(() => isOnScreen(marked)).toBe(true);
    await appPage.button('上一处').click();
    await marked.getByText('第1700句').waitFor(SLOW);
    await status().getByText('第 18 / 20 句').waitFor();
    // what stands before is there too
    await appPage.button('关闭查找').click();
    await expect.poll(() => appPage.find('.hit').count()).toBe(0);
    await appPage.button(/^前面还有/).click();
    await appPage.find('.line-text').getByText('第1690句').waitFor(SLOW);
    expect(appPage.errors).toEqual([]);
  });

  test('a word is replaced in the whole record after a preview, and brought back', async () => {
    const { appPage } = current;
    await openRecord(appPage);
    await appPage.find('.sheet-of-lines').waitFor(SLOW);
    await appPage.button('查找').click();
    await appPage.app.getByLabel('查找的文字').fill('预算');
    await appPage.app.getByLabel('查找的文字').press('Enter');
    await status().getByText('第 1 / 20 句').waitFor(SLOW);
    await appPage.button('替换').click();
    await dialog('全部替换').getByLabel('替换为').fill('经费');
    await appPage.button('预览').click();
    const rows = dialog('全部替换').getByRole('checkbox');
    await rows.first().waitFor(SLOW);
    await expect.poll(() => rows.count()).toBe(20);
    await expect
      .poll(() => rows.first().locator('.replace-after').textContent())
      .toBe('第0句，讲经费，经费要再看。');
    await rows.first().click();
    await expect.poll(() => rows.first().getAttribute('aria-checked')).toBe('false');
    await appPage.button('替换 19 句').click();
    await dialog('全部替换').getByText('已替换 19 句').waitFor(SLOW);
    await expect.poll(() => dialog('全部替换').getByLabel('替换为').inputValue()).toBe('经费');
    await expect.poll(() => appPage.find('.line-text').first().textContent()).toBe(textOf(0));
    await expect.poll(() => appPage.find('#line-100 .line-text').first().textContent()).toContain('讲经费');
    await appPage.button('撤销 19 句').click();
    await dialog('全部替换').getByText('已撤销 19 句').waitFor(SLOW);
    await expect.poll(() => appPage.find('#line-100 .line-text').first().textContent()).toBe(textOf(100));
    expect(appPage.errors).toEqual([]);
  });

  test('where the database fails in the middle, it is said how far it came, and it goes on', async () => {
    const { appPage, testBed } = current;
    await openRecord(appPage);
    await appPage.find('.sheet-of-lines').waitFor(SLOW);
    await appPage.button('查找').click();
    await appPage.app.getByLabel('查找的文字').fill('讲别的');
    await appPage.button('查找').first().click();
    await status().getByText('/ 1980 句').waitFor(SLOW);
    await appPage.button('替换').click();
    await dialog('全部替换').getByLabel('替换为').fill('说别的');
    await appPage.button('预览').click();
    await dialog('全部替换').getByRole('checkbox').first().waitFor(SLOW);
    const rule = { match: 'database.modifyDocument', effect: 'refuse', times: 3 };
    const fault = (rules: object[]) =>
      fetch(`${testBed.cloud.urls.gateway}/_local/faults`, {
        method: 'POST',
        body: JSON.stringify({ rules }),
      });
    await fault([rule]);
    await appPage.button('替换 200 句').click();
    await appPage.button('继续').waitFor(SLOW);
    await expect.poll(() => dialog('全部替换').textContent()).toMatch(/已替换 \d+ \/ 200 句，其余的没有动/);
    await fault([]);
    await appPage.button('继续').click();
    await appPage.button('预览后面的').waitFor(SLOW);
    await appPage.button('撤销 200 句').click();
    await dialog('全部替换').getByText('已撤销 200 句').waitFor(SLOW);
  });

  test('one sentence is copied, edited, and brought back; all of them are copied with their times', async () => {
    const { appPage } = current;
    const copied = await clipboardOf(appPage);
    await openRecord(appPage);
    await appPage.find('.sheet-of-lines').waitFor(SLOW);
    await appPage.button(/^00:03，/).click();
    await appPage.button('复制这一句').click();
    await expect.poll(copied).toEqual([textOf(3)]);
    await appPage.button('00:03 这一句的操作').click();
    await appPage.button('修改这一句').click();
    await dialog('修改这一句').getByRole('textbox').fill('改过的一句');
    await appPage.button('保存').click();
    await appPage.find('#line-3').getByText('已修改').waitFor(SLOW);
    await appPage.button(/^00:03，改过的一句，已修改/).click();
    await appPage.button('修改这一句').click();
    await appPage.button('恢复原文').click();
    await appPage.find('#line-3').getByText(textOf(3)).waitFor(SLOW);
    await appPage.button('复制').last().click();
    await appPage.button('复制全文和时间').click();
    await expect.poll(async () => (await copied()).length, SLOW).toBe(2);
    const lines = (await copied())[1]?.split('\n') ?? [];
    expect(lines).toHaveLength(SENTENCES);
    expect(lines[61]).toBe(`01:01 ${textOf(61)}`);
  });

  test('paragraphs are shown, copied, and remembered', async () => {
    const { appPage } = current;
    const copied = await clipboardOf(appPage);
    await openRecord(appPage);
    await appPage.find('.sheet-of-lines').waitFor(SLOW);
    await appPage.button('分段').click();
    await appPage.find('.piece').first().waitFor();
    await appPage.button(/^00:00 这一段的操作/).click();
    await appPage.button('复制这一段').click();
    await expect.poll(async () => (await copied())[0]).toMatch(/^第0句，讲预算，预算要再看。第1句，讲别的。/);
    await appPage.back();
    await openRecord(appPage, `&index=1800&q=${encodeURIComponent('预算')}`);
    const marked = appPage.find('.piece.line-marked');
    await marked.getByText('第1800句').waitFor(SLOW);
    await expect.poll(() => isOnScreen(marked)).toBe(true);
    await appPage.button('逐句').click();
    await appPage.find('#line-1800.line').waitFor();
    expect(appPage.errors).toEqual([]);
  });

  test('a DOCX file is sent to a chat; what a share card opens is said', async () => {
    const { appPage } = current;
    await openRecord(appPage);
    await appPage.find('.sheet-of-lines').waitFor(SLOW);
    await appPage.button('导出').click();
    await dialog('导出').getByRole('radio', { name: /DOCX/ }).click();
    await expect.poll(() => appPage.find('.file-name').textContent(), SLOW).toContain('.docx');
    await expect.poll(() => appPage.button('复制内容').count()).toBe(0);
    await dialog('导出').getByText('看不到这条录音').waitFor();
    await appPage.button('把小程序推荐给别人').click();
    const card = appPage.app.getByRole('dialog').filter({ hasText: '分享卡片' });
    const shown = (await card.textContent()) ?? '';
    expect(shown).toContain('/images/share-card.png');
    for (const secret of [ID, '预算']) expect(shown).not.toContain(secret);
    await appPage.button('知道了').click();
    const downloading = appPage.page.waitForEvent('download');
    await appPage.button('发送文件').click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/\.docx$/);
    const files = unzipSync(new Uint8Array(fs.readFileSync(await download.path())));
    const xml = strFromU8(files['word/document.xml'] as Uint8Array);
    for (const index of [0, 999, 1_999]) expect(xml).toContain(textOf(index));
  });

  test('every control has a name, and is reached with the Tab key', async () => {
    const { appPage } = current;
    /** Names of what has the focus, one press of Tab after another. */
    const namesFrom = async (first: Locator, presses: number): Promise<string[]> => {
      await first.focus();
      const names: string[] = [];
      for (let press = 0; press <= presses; press += 1) {
        const name = await appPage.app.evaluate(() => {
          const { activeElement } = document;
          return activeElement?.getAttribute('aria-label') || activeElement?.textContent || '';
        });
        names.push(name.replace(/\s+/g, ''));
        await appPage.page.keyboard.press('Tab');
      }
      return names;
    };
    await openRecord(appPage);
    await appPage.find('.sheet-of-lines').waitFor(SLOW);
    expect(await namesFrom(appPage.button(/^00:01，/), 3)).toEqual([
      `00:01，${textOf(1)}`,
      '00:01这一句的操作',
      `00:02，${textOf(2)}`,
      '00:02这一句的操作',
    ]);
    expect(await namesFrom(appPage.find('.bar .bar-item').first(), 3)).toEqual([
      '查找',
      '分段',
      '复制',
      '导出',
    ]);

    await appPage.button('导出').click();
    await expect.poll(() => appPage.find('.file-name').textContent(), SLOW).toContain('.txt');
    expect(await namesFrom(dialog('导出').getByRole('button', { name: '关闭' }), 8)).toEqual([
      '关闭',
      'TXT纯文字',
      'DOCXWord文档，分段',
      'SRT视频字幕',
      'VTT网页字幕',
      'JSON含时间的数据',
      '发送文件',
      '复制内容',
      '把小程序推荐给别人对方打开的是小程序首页，看不到这条录音',
    ]);
    await dialog('导出').getByRole('button', { name: '关闭' }).click();

    await appPage.button('查找').click();
    const field = appPage.app.getByLabel('查找的文字');
    await field.fill('预算');
    await field.press('Enter');
    await status().getByText('第 1 / 20 句').waitFor(SLOW);
    expect(await namesFrom(field, 5)).toEqual(['查找的文字', '查找', '关闭查找', '上一处', '下一处', '替换']);
    await appPage.button('替换').click();
    await dialog('全部替换').getByLabel('替换为').fill('经费');
    await appPage.button('预览').click();
    await expect.poll(() => dialog('全部替换').getByRole('checkbox').count(), SLOW).toBe(20);
    const names = await namesFrom(dialog('全部替换').getByRole('button', { name: '关闭' }), 24);
    expect(names.slice(0, 2)).toEqual(['关闭', '替换为']);
    const until = names.indexOf('替换20句');
    expect(names.slice(2, until).filter((name) => name.split('讲经费').length === 2)).toHaveLength(20);
  });
});
