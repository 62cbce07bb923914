import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import type { AppPage } from './app-page.ts';
import { useAppPage } from './use-app-page.ts';

/** How long calls are counted. */
const WINDOW_MS = 4_000;
const MAX_CALLS_A_SECOND = 10;

const BAR = 'components/recording-bar/recording-bar';

interface Counted {
  calls: number;
  /** Calls by page or component, of those that made any. */
  callsOf: Record<string, number>;
  largest: number;
  seconds: number;
}

/** What the app's pages and components send to their views in a while. */
const countFor = (appPage: AppPage): Promise<Counted> =>
  appPage.app.evaluate(async (ms) => {
    const { __setData } = globalThis as unknown as { __setData: Omit<Counted, 'seconds'> };
    const before = __setData.calls;
    const beforeOf = { ...__setData.callsOf };
    const startedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const seconds = (performance.now() - startedAt) / 1000;
    const callsOf = Object.entries(__setData.callsOf)
      .map(([name, calls]): [string, number] => [name, calls - (beforeOf[name] ?? 0)])
      .filter(([, calls]) => calls > 0);
    return {
      calls: __setData.calls - before,
      callsOf: Object.fromEntries(callsOf),
      largest: __setData.largest,
      seconds,
    };
  }, WINDOW_MS);

describe.skipIf(browserFile === undefined)('what a recording costs the view', () => {
  const current = useAppPage();

  test('at most ten calls of setData a second, on another tab only those of the recording bar, and the text is there on return', async () => {
    const { appPage } = current;
    await appPage.record();
    await appPage.waitForLiveText();
    const shown = await countFor(appPage);
    expect(shown.calls).toBeGreaterThan(0);
    expect(shown.calls / shown.seconds).toBeLessThanOrEqual(MAX_CALLS_A_SECOND);
    expect(shown.largest).toBeLessThanOrEqual(64 * 1024);
    // The settings page is still once it is shown, and the recording page is while it is hidden.
    await appPage.tab('设置');
    await appPage.find('.heading').first().waitFor();
    await countFor(appPage);
    const elsewhere = await countFor(appPage);
    expect(Object.keys(elsewhere.callsOf)).toEqual([BAR]);
    expect(elsewhere.calls / elsewhere.seconds).toBeLessThanOrEqual(MAX_CALLS_A_SECOND);
    await appPage.tab('实时');
    await appPage.waitForStored(2);
    expect(appPage.errors).toEqual([]);
    await appPage.stop();
  });
});
