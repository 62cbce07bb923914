import type { Browser, BrowserContextOptions, Frame, Locator, Page } from 'playwright-core';
import type { HostControls } from '../runtime/frame/controls.ts';
import { appFrame, type OpenApp, openApp } from '../testing/browser.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { hostControls } from '../testing/wx-cases/case.ts';

/** Generous: a loaded machine, an ASR connection, a stop that waits for the last sentence. */
const SLOW_MS = 30_000;
/** What only has to be read and drawn. */
const DRAWN_MS = 10_000;

type Tab = '实时' | '历史' | '统计' | '一句话' | '设置';

/** The part of the recording page's state that tests look at. */
interface RecordingState {
  phase: string;
  connection: { text: string };
}
interface PageGlobals {
  __pages: { page(): Record<string, (() => unknown) | undefined> };
}

/** The app, opened for one user in a browser of its own: what the user does, and what the page shows. */
export class AppPage {
  readonly page: Page;
  readonly errors: string[];
  readonly host: ReturnType<typeof hostControls>;
  #app: Frame;

  private constructor(opened: OpenApp) {
    this.page = opened.page;
    this.errors = opened.errors;
    this.#app = opened.app;
    this.host = hostControls(opened.page);
  }

  static async open(
    browser: Browser,
    url: string,
    route = '',
    initScript = '',
    options: BrowserContextOptions = {},
  ): Promise<AppPage> {
    return new AppPage(await openApp(browser, url, route, { acceptDownloads: true, ...options }, initScript));
  }

  get app(): Frame {
    return this.#app;
  }

  /** Elements of the page that is shown. */
  find(selector: string): Locator {
    return this.#app.locator(`#wx-pages > page:not([style*="display: none"]) >> ${selector}`);
  }

  button(name: string | RegExp): Locator {
    return this.#app.getByRole('button', { name }).locator('visible=true');
  }

  async tab(name: Tab): Promise<void> {
    await this.#app.getByRole('tab', { name }).click();
  }

  /** Closes the app and opens it again. */
  async reload(): Promise<void> {
    await this.page.reload();
    this.#app = await appFrame(this.page);
  }

  async useUser(openid: string): Promise<void> {
    const old = await this.#app.frameElement();
    const loaded = old.evaluate(
      (frame) =>
        new Promise<void>((resolve) => frame.addEventListener('load', () => resolve(), { once: true })),
    );
    await this.page.evaluate(
      (user) => (globalThis as unknown as { __host: { useUser(id: string): void } }).__host.useUser(user),
      openid,
    );
    await loaded;
    this.#app = await appFrame(this.page);
  }

  /** Gives the app another size, without the frame of a phone around it. */
  async resize(width: number, height: number): Promise<void> {
    await this.page.setViewportSize({ width, height });
    const phone = `width: ${width}px; height: ${height}px; zoom: 1; border-radius: 0; box-shadow: none`;
    const alone = '.column { display: none !important } #stage { display: block; padding: 0 }';
    await this.page.addStyleTag({ content: `${alone} #phone { ${phone} }` });
  }

  /** Sets the size of text in WeChat's settings, which the app reads when it comes back. */
  async setTextScale(scale: number): Promise<void> {
    await this.page.evaluate((wanted) => {
      const { __host } = globalThis as unknown as { __host: HostControls };
      __host.device().textScale = wanted;
      __host.background();
      __host.foreground();
    }, scale);
  }

  /** Opens the developer page from the settings. */
  async openDeveloper(): Promise<void> {
    await this.tab('设置');
    const version = this.button(/^版本/);
    for (let tap = 0; tap < 7; tap++) await version.click();
    await this.find('[aria-label="云托管服务名"]').waitFor();
  }

  /**
   * Takes the network away until the app says so, and gives it back. A connection that is merely cut is often back before the page
   * has drawn that it was gone: the first attempt follows after 150–450 ms.
   * @param noticed resolves when the app shows it
   */
  async loseNetworkUntil(noticed: () => Promise<unknown>): Promise<void> {
    await this.host((host) => host.setOnline(false));
    await noticed();
    await this.host((host) => host.setOnline(true));
  }

  // --- the recording page ---------------------------------------------------------------------------

  /** Records, loses the network, and leaves what is not delivered for later; the history is shown then. */
  async leaveUndelivered(): Promise<void> {
    await this.record();
    await this.waitForStored(1);
    await this.host((host) => host.setOnline(false));
    await this.waitForBanner(/已缓存 [2-9] 秒/);
    await this.tapRecord();
    await this.button(/稍后再/).click();
    await this.tab('历史');
  }

  async tapRecord(): Promise<void> {
    await this.find('.record').click();
  }

  /** Taps the record button and waits until the microphone is open. */
  async record(): Promise<void> {
    await this.tapRecord();
    await this.find('.record-recording').waitFor({ timeout: SLOW_MS });
  }

  /** Calls a handler of the page as a tap does; also while a dialog covers the page. */
  async callPage(handler: string): Promise<void> {
    await this.#app.evaluate((name) => {
      const page = (globalThis as unknown as PageGlobals).__pages.page();
      page[name]?.();
    }, handler);
  }

  /** Waits for what the recording page is in, whether or not it is drawn. */
  async waitForState(wanted: (state: RecordingState) => boolean): Promise<void> {
    const state = (): Promise<RecordingState> =>
      this.#app.evaluate(
        () => (globalThis as unknown as PageGlobals).__pages.page().state?.() as RecordingState,
      );
    await waitUntil(state, wanted, { timeoutMs: SLOW_MS, what: 'the wanted state' });
  }

  connection(): Promise<string | null> {
    return this.find('.connection-text').textContent();
  }

  async waitForConnection(text: string): Promise<void> {
    const what = `connection state ${text}`;
    await waitUntil(
      () => this.connection(),
      (shown) => shown === text,
      { timeoutMs: SLOW_MS, what },
    );
  }

  async waitForBanner(text: string | RegExp): Promise<void> {
    await this.find('.banner-place').getByText(text).first().waitFor({ timeout: SLOW_MS });
  }

  /** Texts of the transcript, oldest first. @param kind only rows of this kind */
  rows(kind?: 'live' | 'final' | 'settled' | 'loss'): Promise<string[]> {
    return this.find(`.line${kind === undefined ? '' : `.line-${kind}`} .line-text`).allTextContents();
  }

  /** Waits until at least so many sentences are stored. */
  async waitForStored(count: number, timeoutMs = SLOW_MS): Promise<string[]> {
    const what = `${count} stored sentences`;
    return waitUntil(
      () => this.rows('settled'),
      ({ length }) => length >= count,
      { timeoutMs, what },
    );
  }

  /** Waits until an unfinished sentence is shown. */
  async waitForLiveText(): Promise<void> {
    await this.find('.line-live .line-text').first().waitFor({ timeout: SLOW_MS });
  }

  /** Taps stop and waits for the record. @returns the transcript, sentence by sentence. */
  async stop(): Promise<string[]> {
    await this.tapRecord();
    await this.waitForConnection('已保存');
    return this.rows();
  }

  /** Everything that the page shows, for the report of a test that failed. */
  async describe(): Promise<string> {
    // biome-ignore lint/performance/useDomNodeTextContent: only what can be seen matters
    const text = await this.#app.locator('body').innerText();
    return [`看到：${text.replace(/\s*\n\s*/g, ' | ')}`, ...this.errors].join('\n');
  }

  /** Runs the connection test of the settings page to its end. @returns how many steps passed, and the titles of those that failed */
  async testConnection(): Promise<{ passed: number; failed: string[] }> {
    await this.button(/^(开始检测|再测一次)$/).click();
    const hint = (): Promise<string | null> => this.find('.test-hint').textContent();
    const what = 'the end of the connection test';
    await this.find('.step-ok').first().waitFor({ timeout: SLOW_MS });
    await waitUntil(hint, (shown) => shown !== null && !shown.includes('正在检测'), {
      timeoutMs: 2 * SLOW_MS,
      what,
    });
    return {
      passed: await this.find('.step-ok').count(),
      failed: await this.find('.step:has(.step-fail) .step-title').allTextContents(),
    };
  }

  // --- the other pages ------------------------------------------------------------------------------

  /** Figures of one block of the statistics page, by label. A page that was shown before has its old ones until the new ones have come. */
  async figures(block: '今天' | '累计'): Promise<Record<string, string>> {
    await this.tab('统计');
    const cards = this.find(`[aria-label^="${block}"]`);
    await cards.first().waitFor({ timeout: SLOW_MS });
    const labels = await cards.evaluateAll((all) => all.map((card) => card.getAttribute('aria-label') ?? ''));
    return Object.fromEntries(
      labels
        .map((label) => label.slice(block.length).split(' '))
        .map(([name = '', ...value]) => [name, value.join(' ')]),
    );
  }

  /** Titles of the records on the history page, newest first. A page that was shown before has its old ones until the new ones have come. */
  async history(): Promise<string[]> {
    await this.tab('历史');
    // Before the page is there, it has no skeleton either.
    await this.find('.search').waitFor({ timeout: SLOW_MS });
    await this.find('.skeleton').waitFor({ state: 'detached', timeout: SLOW_MS });
    return this.find('.item-title').allTextContents();
  }

  /** Waits until the history has so many records. @throws Error with what the page shows instead */
  async waitForRecords(count: number): Promise<void> {
    const isThere = ({ length }: string[]): boolean => length === count;
    const options = { timeoutMs: DRAWN_MS, what: `${count} records` };
    await waitUntil(() => this.history(), isThere, options).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await this.describe()}`);
    });
  }

  async openRecord(index: number): Promise<string[]> {
    await this.find('.item-body').nth(index).click();
    await this.find('.sheet-of-lines').waitFor({ timeout: SLOW_MS });
    return this.find('.line-text').allTextContents();
  }

  async back(): Promise<void> {
    await this.#app.getByRole('button', { name: '返回' }).click();
  }
}
