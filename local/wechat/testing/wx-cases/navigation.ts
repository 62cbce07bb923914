import { expect } from 'vitest';
import type { CaseContext, Cases } from './case.ts';

const HOME = 'pages/home/home';
const DETAIL = 'pages/detail/detail';

const stack = ({ app }: CaseContext): Promise<string[]> =>
  app.evaluate(() => getCurrentPages().map((page) => page.route));

export const navigationCases: Cases = {
  navigateTo: async (context) => {
    await context.app.evaluate(() => wx.navigateTo({ url: '../detail/detail?id=3' }));
    expect(await stack(context)).toEqual([HOME, DETAIL]);
    const refused = context.app.evaluate(() =>
      wx.navigateTo({ url: '/pages/second/second' }).catch((error) => error),
    );
    expect(await refused).toEqual({ errMsg: 'navigateTo:fail can not navigateTo a tabbar page' });
  },
  redirectTo: async (context) => {
    await context.app.evaluate(() => wx.redirectTo({ url: '/pages/detail/detail' }));
    expect(await stack(context)).toEqual([DETAIL]);
  },
  reLaunch: async (context) => {
    await context.app.evaluate(async () => {
      await wx.navigateTo({ url: '/pages/detail/detail' });
      await wx.reLaunch({ url: '/pages/detail/detail?id=1' });
    });
    expect(await stack(context)).toEqual([DETAIL]);
  },
  switchTab: async (context) => {
    await context.app.evaluate(async () => {
      await wx.navigateTo({ url: '/pages/detail/detail' });
      await wx.switchTab({ url: '/pages/second/second' });
    });
    expect(await stack(context)).toEqual(['pages/second/second']);
  },
  navigateBack: async (context) => {
    await context.app.evaluate(async () => {
      await wx.navigateTo({ url: '/pages/detail/detail' });
      await wx.navigateBack();
    });
    expect(await stack(context)).toEqual([HOME]);
    const refused = await context.app.evaluate(() => wx.navigateBack().catch((error) => error.errMsg));
    expect(refused).toBe('navigateBack:fail cannot navigate back at first page.');
  },
  setNavigationBarTitle: async ({ app }) => {
    await app.evaluate(() => wx.setNavigationBarTitle({ title: '新标题' }));
    expect(await app.locator('.wx-nav-title').textContent()).toBe('新标题');
  },
  setNavigationBarColor: async ({ app }) => {
    await app.evaluate(() => wx.setNavigationBarColor({ frontColor: '#ffffff', backgroundColor: '#ff0000' }));
    expect(await app.locator('#wx-nav').evaluate((bar) => bar.style.background)).toBe('rgb(255, 0, 0)');
  },
  'showNavigationBarLoading hideNavigationBarLoading': async ({ app }) => {
    await app.evaluate(() => wx.showNavigationBarLoading());
    expect(await app.locator('.wx-nav-title').textContent()).toContain('◌');
    await app.evaluate(() => wx.hideNavigationBarLoading());
    expect(await app.locator('.wx-nav-title').textContent()).not.toContain('◌');
  },
  'setTabBarBadge removeTabBarBadge': async ({ app }) => {
    await app.evaluate(() => wx.setTabBarBadge({ index: 1, text: '9' }));
    expect(await app.locator('.wx-badge').textContent()).toBe('9');
    await app.evaluate(() => wx.removeTabBarBadge({ index: 1 }));
    expect(await app.locator('.wx-badge').count()).toBe(0);
  },
  pageScrollTo: async ({ app }) => {
    await app.evaluate(() => wx.pageScrollTo({ scrollTop: 120, duration: 0 }));
    await expect
      .poll(() =>
        app
          .locator('page')
          .last()
          .evaluate((page) => page.scrollTop),
      )
      .toBe(120);
  },
  'startPullDownRefresh stopPullDownRefresh': async ({ app }) => {
    await app.evaluate(() => wx.startPullDownRefresh());
    await expect.poll(() => app.locator('#events').last().textContent()).toContain('pull');
    expect(await app.locator('page[data-refreshing]').count()).toBe(0);
  },
  createSelectorQuery: async ({ app }) => {
    const [title, cards, canvas, missing] = await app.evaluate(
      () =>
        new Promise<[{ width: number; top: number }, unknown[], { node: HTMLCanvasElement }, null]>(
          (resolve) => {
            wx.createSelectorQuery()
              .select('#title')
              .boundingClientRect()
              .selectAll('.row')
              .fields({ id: true, size: true })
              .select('#canvas')
              .fields({ node: true, size: true })
              .select('#none-such')
              .boundingClientRect()
              .exec((results) => {
                const [first, second, third, fourth] = results;
                third.node = { isCanvas: third.node.getContext('2d') !== null };
                resolve([first, second, third, fourth]);
              });
          },
        ),
    );
    expect(title.width).toBeGreaterThan(300);
    expect(title.top).toBe(0);
    expect(cards).toHaveLength(30);
    expect(cards[0]).toMatchObject({ id: 'row0', height: 40 });
    expect(canvas).toMatchObject({ node: { isCanvas: true }, width: 100, height: 50 });
    expect(missing).toBeNull();
  },
};
