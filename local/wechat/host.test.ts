import { describe, expect, test } from 'vitest';
import type { HostControls } from './runtime/frame/controls.ts';
import { appFrame, browserFile, openApp } from './testing/browser.ts';
import { useFixtureApp } from './testing/fixture-app.ts';

describe.skipIf(browserFile === undefined)('a mini-program in the browser', () => {
  const fixture = useFixtureApp({
    users: [
      { openid: 'user-a', name: '甲' },
      { openid: 'user-b', name: '乙' },
    ],
    demo: { phrases: ['你好'] },
  });
  const find = (selector: string) => fixture.opened.app.locator(selector);
  const text = (selector: string) => find(selector).first().textContent();
  const events = () => text('#events');
  const controls = () =>
    fixture.opened.page.evaluateHandle(() => (globalThis as unknown as { __host: HostControls }).__host);

  test('a page goes through load, show and ready, and nothing is reported as an error', async () => {
    await expect.poll(events).toMatch(/^load show .*ready /);
    expect(fixture.opened.errors).toEqual([]);
  });

  test('a tap changes data, and if, for, template and WXS follow', async () => {
    await find('#add').click();
    expect(await find('#one').count()).toBe(1);
    await find('#add').click();
    expect(await text('#title')).toBe('计数 02 array');
    expect(await find('.line').allTextContents()).toEqual(['第 1 行', '第 2 行']);
    expect(await find('#many').count()).toBe(1);
  });

  test('a disabled button takes no tap', async () => {
    await find('#off').click({ force: true });
    expect(await text('#title')).toContain('02');
  });

  test('a component shows its properties and slots, and its event reaches the page', async () => {
    expect((await text('#card'))?.replace(/\s+/g, '')).toBe('2★句子');
    await find('#card text >> nth=0').click();
    expect(await text('#chosen')).toBe('句子');
  });

  test("a component's styles stay inside it, and shared styles come from app.wxss", async () => {
    const color = (selector: string) => find(selector).evaluate((element) => getComputedStyle(element).color);
    expect(await color('#title')).not.toBe('rgb(10, 20, 30)');
    expect(await color('#card view')).toBe('rgb(10, 20, 30)');
    expect(await color('#styled')).toBe('rgb(1, 2, 3)');
  });

  test('rpx is a 750th of the width, in sheets and in inline styles', async () => {
    expect(await find('#styled').evaluate((element) => element.getBoundingClientRect().width)).toBe(39);
  });

  test('input binds both ways and confirms; textarea reports what is typed', async () => {
    await find('#word').fill('语音');
    expect(await text('#echo')).toBe('语音');
    await find('#word').press('Enter');
    await find('#note').fill('备注');
    expect(await events()).toContain('confirm:语音 typed:备注');
    expect(await find('#word').getAttribute('aria-label')).toBe('热词');
    const hint = await find('#word').evaluate((field) => getComputedStyle(field, '::placeholder').color);
    expect(hint).toBe('rgb(4, 5, 6)');
  });

  test('a button that shares shows the card that the page gives', async () => {
    await find('#share').click();
    const card = fixture.opened.app.getByRole('dialog').filter({ hasText: '分享卡片' });
    expect(await card.textContent()).toContain('标题：卡片\n打开：/pages/home/home\n图片：当前页面的截图');
    await fixture.opened.app.getByRole('button', { name: '知道了' }).click();
  });

  test('a handler that the script has set on the page is called as one of its definition', async () => {
    await find('#late').click();
    expect(await events()).toMatch(/late $/);
  });

  test('a picker offers its range', async () => {
    await find('#picker').click();
    await fixture.opened.app.getByRole('option', { name: '粤语' }).click();
    expect(await text('#picked')).toBe('粤语');
  });

  test('a scroll view scrolls to an element and reports where it is', async () => {
    await fixture.opened.app.evaluate(() => {
      (globalThis as unknown as { __pages: { page(): { setData(data: object): void } } }).__pages
        .page()
        .setData({ target: 'row28' });
    });
    await expect.poll(() => find('#list').evaluate((element) => element.scrollTop)).toBeGreaterThan(900);
    await expect.poll(events).toContain('scroll:1044');
  });

  test('a mouse is a finger: touch events, and a long press that is no tap', async () => {
    await find('#hold').scrollIntoViewIfNeeded();
    await find('#hold').click({ delay: 450 });
    expect(await events()).toMatch(/down long up $/);
    await find('#hold').click();
    expect(await events()).toMatch(/down up tap $/);
  });

  test('a WXS handler gets the event, and ends it with false', async () => {
    const drag = async (selector: string) => {
      await find(selector).scrollIntoViewIfNeeded();
      const box = await find(selector).boundingBox();
      if (box === null) throw new Error('nothing to drag');
      const { mouse } = fixture.opened.page;
      await mouse.move(box.x + 5, box.y + 5);
      await mouse.down();
      await mouse.move(box.x + 40, box.y + 5);
      await mouse.up();
      return events();
    };
    expect(await drag('.drag')).not.toContain('moved');
    expect(await drag('.free')).toContain('moved');
  });

  test('a WXS handler changes elements, keeps values, and calls methods; a change: listener hears of every change', async () => {
    const inner = () =>
      find('.mark-inner').evaluate((element) => [getComputedStyle(element).marginLeft, element.className]);
    await find('#mark').click();
    await expect.poll(events).toContain('{"times":2}');
    expect(await inner()).toEqual(['2px', expect.stringContaining('inner-on')]);
    expect(await find('#mark').getAttribute('class')).toContain('mark-on');
    await find('#mark').click();
    await expect.poll(events).toContain('{"times":4}');
    expect((await inner())[0]).toBe('4px');
    expect(await find('#mark').getAttribute('class')).not.toContain('mark-on');
    await expect.poll(events).toContain('{"amount":4,"before":2}');
  });

  test('TDesign widgets work: a button taps, tabs find their panels', async () => {
    await fixture.opened.app.getByText('组件按钮').click();
    expect(await text('#title')).toContain('03');
    await fixture.opened.app.getByText('乙页', { exact: true }).first().click();
    await expect.poll(events).toContain('tab:b');
  });

  test('a pull from the top refreshes, and the bottom is reported', async () => {
    await fixture.opened.app.evaluate(() =>
      (globalThis as unknown as { __pages: { pullDown(): void } }).__pages.pullDown(),
    );
    await expect.poll(events).toContain('pull');
    await find('page')
      .first()
      .evaluate((page) => page.scrollTo(0, page.scrollHeight));
    await expect.poll(events).toContain('bottom');
  });

  test('a page opens with its query, and back shows the old one as it was', async () => {
    await find('#link').click();
    expect(await text('#query')).toBe('7');
    expect(await text('.wx-nav-title')).toBe('详情');
    await fixture.opened.app.getByRole('button', { name: '返回' }).click();
    expect(await text('#title')).toContain('03');
    expect(await events()).toMatch(/hide show $/);
  });

  test('tabs keep their pages alive', async () => {
    const tab = (name: string) => fixture.opened.app.getByRole('tab', { name });
    await tab('第二页').click();
    expect(await text('#second')).toBe('1');
    await tab('首页').click();
    expect(await text('#title')).toContain('03');
    await tab('第二页').click();
    expect(await text('#second')).toBe('2');
    await tab('首页').click();
  });

  test("a page's styles don't reach other pages, whichever was opened first", async () => {
    const color = await find('#title').evaluate((element) => getComputedStyle(element).color);
    expect(color).not.toBe('rgb(9, 9, 9)');
  });

  test('the theme follows the button: WXSS media queries, theme.json and wx.onThemeChange', async () => {
    const background = () =>
      find('page')
        .first()
        .evaluate((page) => getComputedStyle(page).backgroundColor);
    expect(await background()).toBe('rgb(255, 255, 255)');
    await (await controls()).evaluate((host) => host.setTheme('dark'));
    expect(await background()).toBe('rgb(0, 0, 0)');
    expect(await find('#wx-nav').evaluate((bar) => getComputedStyle(bar).backgroundColor)).toBe(
      'rgb(17, 17, 17)',
    );
    await (await controls()).evaluate((host) => host.setTheme('light'));
  });

  test('background and foreground reach the app and the page', async () => {
    await (await controls()).evaluate((host) => {
      host.background();
      host.foreground();
    });
    expect(await events()).toMatch(/hide show $/);
    const log = await fixture.opened.app.evaluate(
      () =>
        (globalThis as unknown as { getApp(): { globalData: { log: string[] } } }).getApp().globalData.log,
    );
    expect(log).toEqual(['app launch', 'app show', 'app hide', 'app show']);
  });

  test('the demonstration sentences are in globalData', async () => {
    const demo = await fixture.opened.app.evaluate(
      () =>
        (globalThis as unknown as { getApp(): { globalData: { demo: unknown } } }).getApp().globalData.demo,
    );
    expect(demo).toEqual({ phrases: ['你好'] });
  });

  test('on a wide window the app stands in a 390×844 frame beside the buttons', async () => {
    const wide = await openApp(fixture.browser, fixture.host.url, '', {
      viewport: { width: 1280, height: 900 },
    });
    const box = await wide.page.locator('#phone').boundingBox();
    expect([box?.width, box?.height]).toEqual([390, 844]);
    await wide.page.getByRole('button', { name: '乙' }).click();
    await wide.page.waitForFunction(() => document.querySelector('iframe')?.src.includes('user=user-b'));
    await wide.page.context().close();
  });

  test('storage and files outlive a reload, and each user has their own', async () => {
    const open = await openApp(fixture.browser, fixture.host.url);
    await open.app.evaluate(() => {
      wx.setStorageSync('k', 1);
      return new Promise<void>((resolve, reject) => {
        const filePath = `${wx.env.USER_DATA_PATH}/kept.txt`;
        const done = { success: () => resolve(), fail: reject };
        wx.getFileSystemManager().writeFile({ filePath, data: 'kept', encoding: 'utf8', ...done });
      });
    });
    const found = async () => {
      const app = await appFrame(open.page);
      return app.evaluate(() => {
        const dirPath = wx.env.USER_DATA_PATH;
        const stored = wx.getStorageSync('k');
        return new Promise<object>((resolve, fail) => {
          const success = ({ files }: { files: string[] }) => resolve({ files, stored });
          wx.getFileSystemManager().readdir({ dirPath, success, fail });
        });
      });
    };
    await open.page.reload();
    expect(await found()).toEqual({ files: ['kept.txt'], stored: 1 });
    await open.page.evaluate(() =>
      (globalThis as unknown as { __host: HostControls }).__host.useUser('user-b'),
    );
    await expect.poll(found).toEqual({ files: [], stored: '' });
    await open.page.context().close();
  });

  test('nothing was reported as an error in all of this', () => {
    expect(fixture.opened.errors).toEqual([]);
  });
});
