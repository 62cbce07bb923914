import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import type { AppPage } from './app-page.ts';
import { useAppPage } from './use-app-page.ts';

/** How long calls are counted. */
const WINDOW_MS = 4_000;
const MAX_CALLS_A_SECOND = 10;

interface Counted {
  calls: number;
  largest: number;
  seconds: number;
}

/** What the app's pages and components send to their views in a while. */
const countFor = (appPage: AppPage): Promise<Counted> =>
  appPage.app.evaluate(async (ms) => {
    const { __setData } = globalThis as unknown as { __setData: { calls: number; largest: number } };
    const before = __setData.calls;
    const startedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const seconds = (performance.now() - startedAt) / 1000;
    return { calls: __setData.calls - before, largest: __setData.largest, seconds };
  }, WINDOW_MS);

describe.skipIf(browserFile === undefined)('what a recording costs the view', () => {
  const current = useAppPage();

  test('at most ten calls of setData a second, none on another tab, and the text is there on return', async () => {
    const { appPage } = current;
    await appPage.record();
    await appPage.waitForLiveText();
    const shown = await countFor(appPage);
    expect(shown.calls).toBeGreaterThan(0);
    expect(shown.calls / shown.seconds).toBeLessThanOrEqual(MAX_CALLS_A_SECOND);
    expect(shown.largest).toBeLessThanOrEqual(64 * 1024);
    // The settings page is still once it is shown.
    await appPage.tab('设置');
    await appPage.find('.heading').first().waitFor();
    await countFor(appPage);
    expect((await countFor(appPage)).calls).toBe(0);
    await appPage.tab('实时');
    await appPage.waitForStored(2);
    expect(appPage.errors).toEqual([]);
    await appPage.stop();
  });
});
