import type { Device, HostConfig, Theme } from '../device.ts';
import { createButton, createElement, elementById } from '../dom.ts';
import type { HostControls } from './controls.ts';

type AppWindow = Window & { __device: Device; __ready?: boolean };

declare global {
  interface Window {
    __host: HostControls;
  }
}

const PHONE_WIDTH_PX = 600;

const config = (globalThis as unknown as { __hostConfig: HostConfig }).__hostConfig;
const frame = elementById<HTMLIFrameElement>('app');
const state = {
  user: config.users[0]?.openid ?? '',
  theme: 'light' as Theme,
  online: true,
  foreground: true,
};

const appWindow = (): AppWindow => frame.contentWindow as AppWindow;

const load = (): void => {
  const query = new URLSearchParams({ user: state.user, theme: state.theme });
  if (innerWidth > PHONE_WIDTH_PX) query.set('framed', '1');
  frame.src = `/app.html?${query}${location.hash}`;
  Object.assign(state, { online: true, foreground: true });
};

const host: HostControls = {
  device: () => appWindow().__device,
  useUser: (openid) => {
    state.user = openid;
    load();
    render();
  },
  setTheme: (theme) => {
    state.theme = theme;
    host.device().setTheme(theme);
    render();
  },
  background: () => {
    state.foreground = false;
    host.device().background();
    render();
  },
  foreground: () => {
    state.foreground = true;
    host.device().toForeground();
    render();
  },
  setOnline: (online) => {
    state.online = online;
    host.device().setOnline(online);
    render();
  },
  cutSockets: () => host.device().cutSockets(),
  interrupt: (active) => (active ? host.device().interruptionBegin() : host.device().interruptionEnd()),
  setPermissionAnswer: (allowed) => {
    host.device().autoAnswer = allowed;
  },
  setPrivacy: (privacy) => Object.assign(host.device().privacy, privacy),
};

const button = (text: string, pressed: boolean, press: () => void): HTMLButtonElement =>
  createButton({ 'aria-pressed': String(pressed) }, press, text);

const section = (title: string, content: HTMLElement[]): HTMLElement =>
  createElement('section', {}, createElement('h2', {}, title), ...content);

const buttons = (title: string, ...row: HTMLElement[]): HTMLElement =>
  section(title, [createElement('div', { class: 'row' }, ...row)]);

const phraseList = (phrases: readonly string[]): HTMLElement =>
  section('本地演示识别器认识的句子', [
    createElement('ul', {}, ...phrases.map((phrase) => createElement('li', {}, phrase))),
  ]);

const render = (): void => {
  elementById('bar').replaceChildren(
    createElement('h1', {}, '小程序 · 浏览器宿主'),
    buttons(
      '用户',
      ...config.users.map(({ openid, name }) =>
        button(name, openid === state.user, () => host.useUser(openid)),
      ),
    ),
    buttons(
      '外观',
      button('浅色', state.theme === 'light', () => host.setTheme('light')),
      button('深色', state.theme === 'dark', () => host.setTheme('dark')),
    ),
    buttons(
      '前后台',
      button('前台', state.foreground, host.foreground),
      button('后台', !state.foreground, host.background),
    ),
    buttons(
      '网络',
      button('联网', state.online, () => host.setOnline(true)),
      button('断网', !state.online, () => host.setOnline(false)),
    ),
    ...(config.phrases.length > 0 ? [phraseList(config.phrases)] : []),
  );
};

/** Reloads the app after each build; shows what did not compile. */
const followBuilds = (): void => {
  const events = new EventSource('/_host/events');
  const error = elementById('build-error');
  events.addEventListener('built', () => {
    error.hidden = true;
    load();
  });
  events.addEventListener('failed', ({ data }: MessageEvent<string>) => {
    error.textContent = data;
    error.hidden = false;
  });
};

window.__host = host;
load();
render();
followBuilds();
