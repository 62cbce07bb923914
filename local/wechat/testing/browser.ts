import type { Browser, BrowserContextOptions, Frame, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { chromiumFlags, chromiumForTests, flagsWithoutMicrophone } from '../chromium.ts';

/** Viewport of a phone: the app fills the window. */
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

/** Limit of one action of a test, generous for a loaded machine. */
const ACTION_TIMEOUT_MS = 15_000;

/** The frame around the app, and the app in it. */
export interface OpenApp {
  page: Page;
  app: Frame;
  /** Uncaught errors and `console.error` of the app, oldest first. */
  errors: string[];
  /** Lines of `console.warn`. */
  warnings: string[];
}

/** A file of the browser, or undefined: see {@link chromiumForTests}. */
export const browserFile: string | undefined = chromiumForTests();

const launch = (args: string[]): Promise<Browser> => {
  if (browserFile === undefined) throw new Error('there is no browser');
  return chromium.launch({ executablePath: browserFile, headless: true, args });
};

/** @param wav the file that the browser's microphone plays. */
export const launchBrowser = (wav?: string): Promise<Browser> => launch(chromiumFlags(wav));

/** A browser whose user refuses the microphone. */
export const launchBrowserWithoutMicrophone = (): Promise<Browser> => launch(flagsWithoutMicrophone());

/** The app's frame, once its first page is ready. Ask again after a reload (another user, a new build). */
export const appFrame = async (page: Page): Promise<Frame> => {
  const element = await page.waitForSelector('#app');
  const frame = await element.contentFrame();
  if (frame === null) throw new Error('the app has no frame');
  await frame.waitForFunction(() => (globalThis as { __ready?: boolean }).__ready === true);
  return frame;
};

/**
 * Opens the host's page in a context of its own.
 * @param route a page to start with, e.g. `/pages/stats/stats`
 * @param initScript runs in every frame before its own scripts
 */
export const openApp = async (
  browser: Browser,
  url: string,
  route = '',
  options: BrowserContextOptions = {},
  initScript = '',
): Promise<OpenApp> => {
  const context = await browser.newContext({ ...PHONE, permissions: ['microphone'], ...options });
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  await context.addInitScript(initScript);
  const page = await context.newPage();
  const errors: string[] = [];
  const warnings: string[] = [];
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
    if (message.type() === 'warning') warnings.push(message.text());
  });
  await page.goto(url + (route === '' ? '' : `#${route}`));
  const app = await appFrame(page).catch((error: Error) => {
    throw new Error(`小程序没有启动：${error.message}\n${errors.join('\n')}`);
  });
  return { page, app, errors, warnings };
};
