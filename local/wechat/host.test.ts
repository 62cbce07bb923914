import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWechatHost, type WechatHost } from './host.ts';
import { browserFile, launchBrowser, type OpenApp, openApp } from './testing/browser.ts';
import { type FakeCloud, startFakeCloud } from './testing/fake-cloud.ts';

const FIXTURE = fileURLToPath(new URL('runtime/testing/fixture/', import.meta.url));

describe.skipIf(browserFile === undefined)('a mini-program in the browser', () => {
  let cloud: FakeCloud;
  let host: WechatHost;
  let browser: Browser;
  let opened: OpenApp;

  beforeAll(async () => {
    cloud = await startFakeCloud();
    host = await startWechatHost({
      port: 0,
      appDir: FIXTURE,
      containerUrl: cloud.url,
      gatewayUrl: cloud.url,
      users: [
        { openid: 'user-a', name: '甲' },
        { openid: 'user-b', name: '乙' },
      ],
      demo: { phrases: ['你好'] },
    });
    browser = await launchBrowser();
    opened = await openApp(browser, host.url);
  });

  afterAll(async () => {
    await browser?.close();
    await host?.stop();
    await cloud?.stop();
  });

  const text = (selector: string) => opened.app.locator(selector).first().textContent();
  const events = () => text('#events');

  test('a page goes through load, show and ready, and nothing is reported as an error', async () => {
    await expect.poll(events).toBe('width0 load show image ready ');
    expect(opened.errors).toEqual([]);
  });

  test('a tap changes data, and if, for, template and WXS follow', async () => {
    await opened.app.locator('#add').click();
    expect(await opened.app.locator('#one').count()).toBe(1);
    await opened.app.locator('#add').click();
    expect(await text('#title')).toBe('计数 02 array');
    expect(await opened.app.locator('.line').allTextContents()).toEqual(['第 1 行', '第 2 行']);
    expect(await opened.app.locator('#many').count()).toBe(1);
  });
});
