import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadBrowserRuntime } from './browser-runtime.ts';
import { startWechatHost, type WechatHost } from './host.ts';
import { browserFile, launchBrowser, type OpenApp, openApp } from './testing/browser.ts';
import { type FakeCloud, startFakeCloud } from './testing/fake-cloud.ts';
import { controls } from './testing/wx-cases/case.ts';
import { interfaceCases } from './testing/wx-cases/interface.ts';
import { navigationCases } from './testing/wx-cases/navigation.ts';
import { networkCases } from './testing/wx-cases/network.ts';
import { systemCases } from './testing/wx-cases/system.ts';

const FIXTURE = fileURLToPath(new URL('runtime/testing/fixture/', import.meta.url));
const cases = { ...navigationCases, ...interfaceCases, ...systemCases, ...networkCases };

test('every member of the shim has a case of its own', async () => {
  const { wxMembers } = await loadBrowserRuntime();
  expect(
    Object.keys(cases)
      .flatMap((names) => names.split(' '))
      .sort(),
  ).toEqual([...wxMembers].sort());
});

describe.skipIf(browserFile === undefined)('the shim behaves as wx does', () => {
  let cloud: FakeCloud;
  let host: WechatHost;
  let browser: Browser;
  let opened: OpenApp;

  beforeAll(async () => {
    cloud = await startFakeCloud();
    host = await startWechatHost({
      port: 0,
      appDir: FIXTURE,
      containerUrls: () => [cloud.url],
      gatewayUrl: cloud.url,
      users: [{ openid: 'user-a', name: '甲' }],
    });
    browser = await launchBrowser();
    opened = await openApp(browser, host.url);
  });

  afterAll(async () => {
    await browser?.close();
    await host?.stop();
    await cloud?.stop();
  });

  beforeEach(async () => {
    await opened.app.evaluate(() => wx.reLaunch({ url: '/pages/home/home' }));
  });

  test.each(Object.entries(cases))('wx.%s', async (_name, check) => {
    const { app, page } = opened;
    await check({ app, page, cloud, host: controls(page) });
  });
});
