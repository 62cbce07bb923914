import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { startWechatHost, type WechatHost, type WechatHostOptions } from '../host.ts';
import { launchBrowser, type OpenApp, openApp } from './browser.ts';
import { type FakeCloud, startFakeCloud } from './fake-cloud.ts';

const FIXTURE = fileURLToPath(new URL('../runtime/testing/fixture/', import.meta.url));

/** The fixture app, open in a browser in front of a fake cloud. */
export interface FixtureApp {
  cloud: FakeCloud;
  host: WechatHost;
  browser: Browser;
  opened: OpenApp;
}

/** Opens the fixture app for the tests of the `describe` around the call; the fields are there once they run. */
export const useFixtureApp = (options: Pick<WechatHostOptions, 'users' | 'demo'>): FixtureApp => {
  const fixture = {} as FixtureApp;
  beforeAll(async () => {
    const cloud = await startFakeCloud();
    fixture.cloud = cloud;
    fixture.host = await startWechatHost({
      port: 0,
      appDir: FIXTURE,
      containerUrls: () => [cloud.url],
      gatewayUrl: cloud.url,
      ...options,
    });
    fixture.browser = await launchBrowser();
    fixture.opened = await openApp(fixture.browser, fixture.host.url);
  });
  afterAll(async () => {
    const { browser, host, cloud }: Partial<FixtureApp> = fixture;
    await browser?.close();
    await host?.stop();
    await cloud?.stop();
  });
  return fixture;
};
