import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import type { AppPage } from './app-page.ts';
import { useAppPage } from './use-app-page.ts';

const SIZES = {
  小屏: [320, 568],
  手机: [390, 844],
  横屏: [844, 390],
  小屏横屏: [568, 320],
  平板: [1024, 768],
} as const;
const TABS = ['实时', '历史', '统计', '一句话', '设置'] as const;

/** What does not fit: the page scrolls sideways, or a control is cut off by its own box or by the window's edge. */
const misfits = ({ app }: AppPage): Promise<string[]> =>
  app.evaluate(() => {
    const page = document.querySelector<HTMLElement>('#wx-pages > page:not([style*="display: none"])');
    if (page === null) return ['no page'];
    // The area that a finger hits is larger than the button, and not cut off.
    const onlyDrawn = document.createElement('style');
    onlyDrawn.textContent = 'button::after { display: none !important }';
    document.head.append(onlyDrawn);
    const found = page.scrollWidth > page.clientWidth + 1 ? [`the page is ${page.scrollWidth} px wide`] : [];
    const { left, right } = page.getBoundingClientRect();
    for (const control of page.querySelectorAll<HTMLElement>(
      'button, [role="button"], input, textarea, picker',
    )) {
      const box = control.getBoundingClientRect();
      if (box.width === 0 || getComputedStyle(control).visibility === 'hidden') continue;
      const name = control.getAttribute('aria-label') ?? control.textContent?.trim() ?? control.className;
      if (box.left < left - 1 || box.right > right + 1) found.push(`${name} leaves the page`);
      const isField = control.matches('input, textarea');
      if (!isField && control.scrollHeight > control.clientHeight + 2) found.push(`${name} is cut in height`);
      if (!isField && control.scrollWidth > control.clientWidth + 2) found.push(`${name} is cut in width`);
    }
    onlyDrawn.remove();
    return found;
  });

/** What a page shows while it records has to be in view without scrolling: it does not scroll. */
const outOfSight = ({ app }: AppPage): Promise<string[]> =>
  app.evaluate(() => {
    const page = document.querySelector('#wx-pages > page:not([style*="display: none"])');
    const { top, bottom } = page?.getBoundingClientRect() ?? new DOMRect();
    return ['.record', '.scroll', '.status', '.note', '.round'].filter((selector) =>
      [...(page?.querySelectorAll(selector) ?? [])].some((element) => {
        const box = element.getBoundingClientRect();
        return box.top < top - 1 || box.bottom > bottom + 1 || box.height < 24;
      }),
    );
  });

/** Half of the smallest area that a finger hits reliably, less what rounding takes; px. */
const HALF_TARGET_PX = 21;

/** Buttons that are in view as a whole and yet are not hit by a finger a little beside their middle. */
const missed = ({ app }: AppPage): Promise<string[]> =>
  app.evaluate((half) => {
    const page = document.querySelector('#wx-pages > page:not([style*="display: none"])');
    const { top, bottom } = page?.getBoundingClientRect() ?? new DOMRect();
    return [...(page?.querySelectorAll<HTMLElement>('button') ?? [])]
      .filter((button) => {
        const { left, width, top: from, bottom: to } = button.getBoundingClientRect();
        const [x, y] = [left + width / 2, (from + to) / 2];
        const hits = (at: number): boolean => button.contains(document.elementFromPoint(x, at));
        if (!hits(y) || y - half < top || y + half > bottom) return false;
        return !hits(y - half) || !hits(y + half);
      })
      .map((button) => button.getAttribute('aria-label') ?? button.textContent?.trim() ?? button.className);
  }, HALF_TARGET_PX);

describe.skipIf(browserFile === undefined)('from a small phone to a tablet', () => {
  const current = useAppPage();

  test.each([1, 1.4])('nothing is cut off, with text %d times as large as usual', async (scale) => {
    const { appPage } = current;
    await appPage.setTextScale(scale);
    for (const [name, [width, height]] of Object.entries(SIZES)) {
      await appPage.resize(width, height);
      for (const tab of TABS) {
        await appPage.tab(tab);
        await expect.poll(() => misfits(appPage), { message: `${tab}，${name}` }).toEqual([]);
      }
    }
  });

  test.each([1, 1.4])('a recording is in sight as a whole, with text %d times as large', async (scale) => {
    const { appPage } = current;
    await appPage.setTextScale(scale);
    await appPage.record();
    await appPage.waitForStored(1);
    await appPage.button('标记这一刻').click();
    for (const [name, [width, height]] of Object.entries(SIZES)) {
      await appPage.resize(width, height);
      await expect.poll(() => outOfSight(appPage), { message: name }).toEqual([]);
      await expect.poll(() => misfits(appPage), { message: name }).toEqual([]);
    }
    await appPage.stop();
  });

  test('every button of a phone is as large for a finger as 44 px', async () => {
    const { appPage } = current;
    await appPage.resize(390, 844);
    await appPage.figures('今天');
    for (const tab of TABS) {
      await appPage.tab(tab);
      await expect.poll(() => missed(appPage), { message: tab }).toEqual([]);
    }
    await appPage.history();
    await appPage.openRecord(0);
    await expect.poll(() => missed(appPage), { message: '录音详情' }).toEqual([]);
    await appPage.button('查找').first().click();
    await appPage.app.getByLabel('查找的文字').waitFor();
    await expect.poll(() => missed(appPage), { message: '查找' }).toEqual([]);
    await appPage.button('关闭查找').click();
    await appPage.button('导出').click();
    await appPage.app.getByText(/^语音记录.*txt$/).waitFor();
    await expect.poll(() => missed(appPage)).toEqual([]);
  });

  test('in landscape a sheet shows its button, and a record its text', async () => {
    const { appPage } = current;
    await appPage.resize(...SIZES.横屏);
    const inSight = (name: string): Promise<boolean> =>
      appPage
        .button(name)
        .last()
        .evaluate((button) => {
          const { bottom } = button.getBoundingClientRect();
          const page = document.querySelector('#wx-pages')?.getBoundingClientRect();
          return page !== undefined && bottom <= page.bottom;
        });
    await appPage.button(/热词/).click();
    await expect.poll(() => inSight('完成')).toBe(true);
    await appPage.page.keyboard.press('Escape');
    await appPage.history();
    await appPage.openRecord(0);
    await appPage.button('查找').first().click();
    await appPage.app.getByLabel('查找的文字').fill('会议');
    await appPage.app.getByLabel('查找的文字').press('Enter');
    await appPage.app.getByText(/^第 1 \/ \d+ 句/).waitFor();
    const readable = await appPage.app.evaluate(() => {
      const edge = (selector: string, side: 'top' | 'bottom'): number =>
        document.querySelector(selector)?.getBoundingClientRect()[side] ?? 0;
      return edge('.dock', 'top') - edge('.find', 'bottom');
    });
    expect(readable).toBeGreaterThan(150);
    await appPage.button('替换').click();
    await appPage.app.getByLabel('替换为').fill('例会');
    await appPage.button('预览').click();
    await expect.poll(() => inSight('替换 1 句')).toBe(true);
    await appPage.page.keyboard.press('Escape');
    await appPage.button('导出').click();
    await expect.poll(() => inSight('发送文件')).toBe(true);
  });

  test('turned, the phone shows text in the same size, not twice as large', async () => {
    const { appPage } = current;
    const sizeOf = async (): Promise<number> =>
      Number.parseFloat(
        await appPage.find('.welcome-title').evaluate((element) => getComputedStyle(element).fontSize),
      );
    await appPage.resize(390, 844);
    const upright = await sizeOf();
    await appPage.resize(844, 390);
    await expect.poll(async () => (await sizeOf()) / upright).toBeGreaterThan(0.9);
    await expect.poll(async () => (await sizeOf()) / upright).toBeLessThan(1.2);
    await appPage.resize(390, 844);
    await appPage.setTextScale(1.4);
    await expect.poll(async () => (await sizeOf()) / upright).toBeCloseTo(1.4, 1);
  });
});
