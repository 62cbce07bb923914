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
  pageScrollTo: async ({ app }) => {
    const missing = await app.evaluate(() =>
      wx.pageScrollTo({ selector: '#none-such' }).catch((error) => error),
    );
    expect(missing).toEqual({ errMsg: 'pageScrollTo:fail selector #none-such does not exist' });
    const scrolled = await app.evaluate(async () => {
      const scroller = [...document.querySelectorAll<HTMLElement>('#wx-pages > page')].find(
        ({ style }) => style.display !== 'none',
      );
      if (scroller === undefined) throw new Error('no page is shown');
      const filler = document.createElement('div');
      filler.id = 'far';
      filler.style.cssText = 'margin-top: 2000px; height: 2000px';
      scroller.append(filler);
      await wx.pageScrollTo({ selector: '#far', offsetTop: -80, duration: 0 });
      const top = filler.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
      await wx.pageScrollTo({ scrollTop: 0, duration: 0 });
      const back = scroller.scrollTop;
      filler.remove();
      return { top: Math.round(top), back };
    });
    expect(scrolled).toEqual({ top: 80, back: 0 });
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
