import type { AppManifest } from '../../../compile/browser/runtime.ts';
import { AppBars } from './app-bars.ts';
import type { Device } from './device.ts';
import type { Engine } from './engine.ts';
import { callLifecycle, type OpenPage, type PageInstance, watchPage } from './open-page.ts';

/** WeChat refuses `navigateTo` beyond this many open pages. */
const MAX_OPEN_PAGES = 10;
/** The scene of an app that was opened from the list of recent ones. */
const FROM_THE_LIST = 1001;

const parseUrl = (url: string, from: string): { route: string; query: Record<string, string> } => {
  const { pathname, search } = new URL(url, `http://page/${from}`);
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search)) query[name] = value;
  return { route: pathname.slice(1), query };
};

/** The open pages: a stack, and the tab pages, which stay alive while another tab is shown. */
export class Pages {
  readonly #engine: Engine;
  readonly #manifest: AppManifest;
  readonly #container: HTMLElement;
  readonly #tabs = new Map<string, OpenPage>();
  readonly #bars: AppBars;
  #stack: OpenPage[] = [];

  constructor(engine: Engine, manifest: AppManifest, device: Device, container: HTMLElement) {
    this.#engine = engine;
    this.#manifest = manifest;
    this.#container = container;
    this.#bars = new AppBars(manifest, device, {
      back: () => this.back(1),
      switchTab: (route) => this.switchTab(`/${route}`),
    });
  }

  get stack(): readonly OpenPage[] {
    return this.#stack;
  }

  get top(): OpenPage | undefined {
    return this.#stack[this.#stack.length - 1];
  }

  #isTab(route: string): boolean {
    return this.#manifest.app.tabBar?.list.some(({ pagePath }) => pagePath === route) ?? false;
  }

  #parse(url: string): { route: string; query: Record<string, string> } {
    const parsed = parseUrl(url, this.top?.route ?? '');
    if (!this.#manifest.pages.includes(parsed.route)) throw new Error(`page "${parsed.route}" is not found`);
    return parsed;
  }

  /** The page that the app starts with: the one in the address, or the first of app.json. */
  #entry(): { route: string; query: Record<string, string> } {
    const url = location.hash.slice(1);
    return this.#parse(url === '' ? `/${this.#manifest.pages[0]}` : url);
  }

  /** What the app is told of its start. */
  launchOptions(): WechatMiniprogram.LaunchOptionsApp {
    const { route: path, query } = this.#entry();
    return { path, query, scene: FROM_THE_LIST, referrerInfo: {} } as WechatMiniprogram.LaunchOptionsApp;
  }

  /** Opens the app's first page. */
  launch(): void {
    const { route, query } = this.#entry();
    this.#push(this.#create(route, query));
  }

  navigateTo(url: string): void {
    const { route, query } = this.#parse(url);
    if (this.#isTab(route)) throw new Error('can not navigateTo a tabbar page');
    if (this.#stack.length >= MAX_OPEN_PAGES) throw new Error('webview count limit exceed');
    if (this.top !== undefined) this.#hide(this.top);
    this.#push(this.#create(route, query));
  }

  switchTab(url: string): void {
    const { route } = this.#parse(url);
    if (!this.#isTab(route)) throw new Error('can not switch to no-tabBar page');
    const alive = this.#tabs.get(route);
    if (alive !== undefined && alive === this.top) return;
    if (this.top !== undefined && this.#isTab(this.top.route)) this.#hide(this.top);
    for (const page of this.#stack) if (!this.#isTab(page.route)) this.#destroy(page);
    this.#stack = [];
    if (alive === undefined) this.#push(this.#create(route, {}));
    else {
      this.#stack = [alive];
      this.#show(alive);
    }
  }

  back(delta: number): void {
    const count = Math.min(delta, this.#stack.length - 1);
    if (count < 1) return;
    for (const page of this.#stack.splice(-count)) this.#destroy(page);
    if (this.top !== undefined) this.#show(this.top);
  }

  #renderBars(): void {
    if (this.top !== undefined)
      this.#bars.render({ route: this.top.route, canGoBack: this.#stack.length > 1 });
  }

  #create(route: string, query: Record<string, string>): OpenPage {
    const { codeSpace, backend } = this.#engine;
    const root = backend.createRoot('page', codeSpace, route);
    const instance = root.get() as unknown as PageInstance;
    instance.route = route;
    instance.options = query;
    const scroller = root.getComponent().getBackendElement() as unknown as HTMLElement;
    const page: OpenPage = { root, instance, route, scroller };
    // In the stack before `onLoad` runs: its code may call `getCurrentPages`.
    this.#stack.push(page);
    if (this.#isTab(route)) this.#tabs.set(route, page);
    this.#engine.pageStyles.use(route);
    const placeholder = document.createElement('i');
    this.#container.append(placeholder);
    root.attach(this.#container as never, placeholder as never);
    watchPage(page, {
      distancePx: Number(this.#bars.value('onReachBottomDistance', route) || 50),
      canPull: () => this.#bars.value('enablePullDownRefresh', route) === 'true',
    });
    callLifecycle(page, 'onLoad', query);
    return page;
  }

  #push(page: OpenPage): void {
    this.#show(page);
    requestAnimationFrame(() => callLifecycle(page, 'onReady'));
  }

  #show(page: OpenPage): void {
    this.#engine.pageStyles.use(page.route);
    page.scroller.style.display = '';
    this.#renderBars();
    callLifecycle(page, 'onShow');
    page.root.getComponent().triggerPageLifetime('show', []);
  }

  #hide(page: OpenPage): void {
    page.scroller.style.display = 'none';
    callLifecycle(page, 'onHide');
    page.root.getComponent().triggerPageLifetime('hide', []);
  }

  #destroy(page: OpenPage): void {
    callLifecycle(page, 'onUnload');
    this.#tabs.delete(page.route);
    page.root.release();
    page.scroller.remove();
  }

  /** The window has another size: the phone was turned. */
  resized(): void {
    const page = this.top;
    if (page === undefined) return;
    const { innerWidth: windowWidth, innerHeight: windowHeight } = window;
    callLifecycle(page, 'onResize', { size: { windowWidth, windowHeight } });
  }

  /** The app went to the background or came back. */
  setForeground(foreground: boolean): void {
    const page = this.top;
    if (page === undefined) return;
    callLifecycle(page, foreground ? 'onShow' : 'onHide');
    page.root.getComponent().triggerPageLifetime(foreground ? 'show' : 'hide', []);
  }
}
