import type { HostConfig, Theme } from '../device.ts';
import { createElement, elementById } from '../dom.ts';
import { createChoice, section } from './buttons.ts';
import type { HostControls } from './controls.ts';
import { createFaultsPanel } from './faults-panel.ts';
import { FiguresPanel } from './figures-panel.ts';
import { type AppWindow, SoundRecording } from './recording.ts';
import { createSoundsPanel } from './sounds-panel.ts';
import { BrowserSpeaker } from './speaker.ts';

declare global {
  interface Window {
    __host: HostControls;
  }
}

const PHONE_WIDTH_PX = 600;

const config = (globalThis as unknown as { __hostConfig: HostConfig }).__hostConfig;
const frame = elementById<HTMLIFrameElement>('app');
const prefersDark = matchMedia('(prefers-color-scheme: dark)').matches;
const state = {
  user: config.users[0]?.openid ?? '',
  theme: (prefersDark ? 'dark' : 'light') as Theme,
  online: true,
  foreground: true,
  inCall: false,
};

const appWindow = (): AppWindow => frame.contentWindow as AppWindow;
const speaker = new BrowserSpeaker();
const figures = config.recording && new FiguresPanel(elementById('figures'));
const recording =
  config.recording && new SoundRecording(appWindow, config.recording, speaker, () => figures?.traffic);

const load = (): void => {
  recording?.release();
  const query = new URLSearchParams({ user: state.user, theme: state.theme });
  if (innerWidth > PHONE_WIDTH_PX) query.set('framed', '1');
  frame.src = `/app.html?${query}${location.hash}`;
  Object.assign(state, { online: true, foreground: true, inCall: false });
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
  interrupt: (active) => {
    state.inCall = active;
    if (active) host.device().interruptionBegin();
    else host.device().interruptionEnd();
    render();
  },
  killContainer: async () => {
    const answer = await fetch('/_host/kill-container', { method: 'POST' }).catch(() => undefined);
    return answer?.ok === true && ((await answer.json()) as { killed: boolean }).killed;
  },
  setPermissionAnswer: (allowed) => {
    host.device().autoAnswer = allowed;
  },
  setPrivacy: (privacy) => Object.assign(host.device().privacy, privacy),
};

const faults = createFaultsPanel(host, state, config.canKill);
const users = createChoice(
  config.users.map(({ openid, name }) => [openid, name] as const),
  (openid) => host.useUser(openid),
);
const themes = createChoice<Theme>(
  [
    ['light', '浅色'],
    ['dark', '深色'],
  ],
  (theme) => host.setTheme(theme),
);

const render = (): void => {
  document.documentElement.dataset.theme = state.theme;
  users.show(state.user);
  themes.show(state.theme);
  faults.render();
};

/** Reloads the app after each build; shows what did not compile. */
const followBuilds = (): void => {
  const events = new EventSource('/_host/events');
  const error = elementById('build-error');
  events.addEventListener('built', () => {
    error.hidden = true;
    load();
    render();
  });
  events.addEventListener('failed', ({ data }: MessageEvent<string>) => {
    error.textContent = data;
    error.hidden = false;
  });
};

const build = (): void => {
  const sounds = recording && createSoundsPanel(config, recording, speaker);
  elementById('bar').append(
    createElement('h1', {}, '在浏览器里试小程序'),
    ...(config.recogniser === '' ? [] : [createElement('p', { class: 'recogniser' }, config.recogniser)]),
    ...(sounds === undefined ? [] : [sounds.choices]),
    faults.element,
    ...(sounds === undefined ? [] : [sounds.player]),
  );
  elementById('settings').append(section('用户', users.element), section('外观', themes.element));
};

window.__host = host;
frame.addEventListener('load', () => {
  const device = host.device() as ReturnType<HostControls['device']> | undefined;
  if (device === undefined || figures === undefined) return;
  figures.watch(device);
  device.on('socket', () => recording?.check());
});
load();
build();
render();
followBuilds();
