import type { AppManifest } from '../../../compile/browser/runtime.ts';
import type { Device, Theme } from './device.ts';
import { createButton, createElement, elementById } from './dom.ts';

/** The page that the bars belong to. */
interface BarState {
  route: string;
  canGoBack: boolean;
}

type TabBar = NonNullable<AppManifest['app']['tabBar']>;

interface BarActions {
  back(): void;
  switchTab(route: string): void;
}

/** The navigation bar above the page and the tab bar below it. */
export class AppBars {
  readonly #manifest: AppManifest;
  readonly #device: Device;
  readonly #actions: BarActions;
  #state: BarState | undefined;

  constructor(manifest: AppManifest, device: Device, actions: BarActions) {
    this.#manifest = manifest;
    this.#device = device;
    this.#actions = actions;
    this.#applyTheme();
    device.on('theme', () => {
      this.#applyTheme();
      this.render();
    });
  }

  /** Light for an app that does not declare a dark mode. */
  get #theme(): Theme {
    return this.#manifest.app.darkmode === true ? this.#device.theme : 'light';
  }

  #applyTheme(): void {
    document.documentElement.dataset.theme = this.#theme;
  }

  /** A value of app.json or a page's JSON; `@name` is looked up in theme.json. */
  value(name: string, route?: string): string {
    const page = route === undefined ? undefined : this.#manifest.components[route]?.config[name];
    const raw = String(page ?? this.#manifest.app.window?.[name] ?? '');
    return this.#themed(raw);
  }

  #themed(raw: string): string {
    return raw.startsWith('@') ? (this.#manifest.theme[this.#theme][raw.slice(1)] ?? '') : raw;
  }

  /** @param state absent: the same page again, after a change of theme */
  render(state: BarState | undefined = this.#state): void {
    if (state === undefined) return;
    this.#state = state;
    this.#renderNavigation(state);
    this.#renderTabs(state.route);
    document.body.style.background = this.value('backgroundColor', state.route);
  }

  #renderNavigation(state: BarState): void {
    const bar = elementById('wx-nav');
    const { route } = state;
    bar.hidden = this.value('navigationStyle', route) === 'custom';
    const background = this.value('navigationBarBackgroundColor', route) || '#ffffff';
    const color = this.value('navigationBarTextStyle', route) === 'white' ? '#ffffff' : '#000000';
    bar.style.background = background;
    bar.style.color = color;
    elementById('wx-status').style.background = bar.hidden ? 'transparent' : background;
    elementById('wx-status').style.color = color;
    document.title = this.value('navigationBarTitleText', route);
    const back = createButton(
      { class: 'wx-button wx-back', 'aria-label': '返回' },
      () => this.#actions.back(),
      '‹',
    );
    const title = createElement('span', { class: 'wx-nav-title' }, document.title);
    bar.replaceChildren(...(state.canGoBack ? [back, title] : [title]));
  }

  #renderTabs(route: string): void {
    const bar = elementById('wx-tabs');
    const tabBar = this.#manifest.app.tabBar;
    const current = tabBar?.list.findIndex(({ pagePath }) => pagePath === route) ?? -1;
    bar.hidden = current < 0;
    if (tabBar === undefined || current < 0) return;
    bar.style.background = this.#themed(String(tabBar.backgroundColor ?? '#ffffff'));
    bar.style.borderTopColor =
      this.#themed(String(tabBar.borderStyle ?? 'black')) === 'white' ? '#ebebeb' : '#333333';
    bar.replaceChildren(...tabBar.list.map((tab, index) => this.#tab(tabBar, tab, index === current)));
  }

  #tab(tabBar: TabBar, tab: TabBar['list'][number], selected: boolean): HTMLElement {
    const color = this.#themed(String((selected ? tabBar.selectedColor : tabBar.color) ?? '#666666'));
    const icon = this.#themed((selected ? tab.selectedIconPath : tab.iconPath) ?? '').replace(/^\//, '');
    return createButton(
      { class: 'wx-button wx-tab', role: 'tab', 'aria-selected': String(selected), style: `color: ${color}` },
      () => this.#actions.switchTab(tab.pagePath),
      ...(icon === '' ? [] : [createElement('img', { src: `/${icon}`, alt: '' })]),
      createElement('span', {}, tab.text),
    );
  }
}
