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
  switchTab: async (context) => {
    await context.app.evaluate(async () => {
      await wx.navigateTo({ url: '/pages/detail/detail' });
      await wx.switchTab({ url: '/pages/second/second' });
    });
    expect(await stack(context)).toEqual(['pages/second/second']);
  },
  stopPullDownRefresh: async ({ app }) => {
    await app.evaluate(() => (globalThis as unknown as { __pages: { pullDown(): void } }).__pages.pullDown());
    await expect.poll(() => app.locator('#events').last().textContent()).toContain('pull');
    expect(await app.locator('page[data-refreshing]').count()).toBe(0);
  },
  createSelectorQuery: async ({ app }) => {
    const [title, canvas, missing] = await app.evaluate(
      () =>
        new Promise<[{ width: number; top: number }, { node: HTMLCanvasElement }, null]>((resolve) => {
          wx.createSelectorQuery()
            .select('#title')
            .boundingClientRect()
            .select('#canvas')
            .fields({ node: true, size: true })
            .select('#none-such')
            .boundingClientRect()
            .exec((results) => {
              const [first, second, third] = results;
              second.node = { isCanvas: second.node.getContext('2d') !== null };
              resolve([first, second, third]);
            });
        }),
    );
    expect(title.width).toBeGreaterThan(300);
    expect(title.top).toBe(0);
    expect(canvas).toMatchObject({ node: { isCanvas: true }, width: 100, height: 50 });
    expect(missing).toBeNull();
  },
};
