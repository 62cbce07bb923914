import type { AppManifest } from '../../../compile/browser/runtime.ts';
import { Device, type HostConfig, type HostUser } from './device.ts';
import { createEngine, type Engine, registerSources, type Templates } from './engine.ts';
import { type AppInstance, callApp, installGlobals } from './globals.ts';
import { installKeyboard } from './keyboard.ts';
import { type OpenPage, startRefresh } from './open-page.ts';
import { Pages } from './pages.ts';
import { countSetData, type SetDataCounts } from './set-data.ts';
import { watchShareButtons } from './share.ts';
import { loadFiles } from './wx/file-store.ts';
import { createWx } from './wx/index.ts';

declare global {
  /** Set by the host server before the app's script. */
  var __hostConfig: HostConfig;
  /** For the frame around the app and for tests. */
  var __device: Device;
  var __pages: {
    current(): string;
    /** Opens a tab page. */
    open(url: string): void;
    pullDown(): void;
    page(): OpenPage['instance'] | undefined;
  };
  var __setData: SetDataCounts;
  var __ready: boolean | undefined;
}

let engine: Engine | undefined;
let pages: Pages | undefined;
let app: (() => AppInstance) | undefined;

const currentPages = (): Pages => {
  if (pages === undefined) throw new Error('the app has not started');
  return pages;
};

const pickUser = (): HostUser => {
  const { users } = globalThis.__hostConfig;
  const wanted = new URLSearchParams(location.search).get('user');
  const user = users.find(({ openid }) => openid === wanted) ?? users[0];
  if (user === undefined) throw new Error('the host has no users');
  return user;
};

/** Called before the app's scripts: defines the globals that they use, and loads the user's files. */
export const prepareApp = async (manifest: AppManifest, templates: () => Templates): Promise<void> => {
  const { service, globalData, privacyKeys, foreign } = globalThis.__hostConfig;
  const device = new Device({ user: pickUser(), service, privacyKeys });
  // Before anything else happens: the frame watches it from the page's `load` event on.
  globalThis.__device = device;
  await loadFiles(device.config.user.openid).catch((error: unknown) =>
    console.warn('[wx] 文件只保存在内存中', error),
  );
  const theme = new URLSearchParams(location.search).get('theme');
  if (theme === 'dark') device.theme = 'dark';
  if (new URLSearchParams(location.search).has('framed')) document.documentElement.dataset.framed = '';
  globalThis.__setData = countSetData();
  engine = createEngine(manifest, foreign);
  installKeyboard();
  const container = document.getElementById('wx-pages');
  if (container === null) throw new Error('app.html has no #wx-pages');
  pages = new Pages(engine, manifest, device, container);
  app = installGlobals(engine, currentPages, globalData).app;
  Object.assign(globalThis, { wx: createWx({ device, pages: currentPages }) });
  registerSources(engine, manifest, templates());
};

/** Called after the app's scripts: runs the app's life cycle and opens the first page, or the one in the address. */
export const startApp = (): void => {
  const launched = currentPages();
  const device = globalThis.__device;
  const instance = app?.() ?? {};
  const options = launched.launchOptions();
  callApp(instance, 'onLaunch', options);
  callApp(instance, 'onShow', options);
  launched.launch();
  watchShareButtons(launched);
  device.on('hide', () => {
    launched.setForeground(false);
    callApp(instance, 'onHide', undefined);
  });
  device.on('show', () => {
    callApp(instance, 'onShow', options);
    launched.setForeground(true);
  });
  window.addEventListener('resize', () => launched.resized());
  globalThis.__pages = {
    current: () => launched.top?.route ?? '',
    open: (url) => launched.switchTab(url),
    page: () => launched.top?.instance,
    pullDown: () => {
      if (launched.top !== undefined) startRefresh(launched.top);
    },
  };
  globalThis.__ready = true;
};
