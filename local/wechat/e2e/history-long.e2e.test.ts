import { beforeAll, describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { waitUntil } from '../testing/wait-until.ts';
import type { AppPage } from './app-page.ts';
import { seedSessions, storedSession } from './seed.ts';
import { useAppPage } from './use-app-page.ts';

const SESSIONS = 10_000;
const MINUTE_MS = 60_000;
/** Rows and headings that the view has at most, whatever the list's length. */
const MAX_LINES = 48;

interface Shown {
  lines: number;
  elements: number;
  /** Title of the record in the middle of the screen; empty where the screen shows none. */
  title: string;
  scrollTop: number;
  scrollHeight: number;
  largestCallBytes: number;
}

/** Scrolls, by a distance or to the end or to a position, and says what is there once it is drawn. */
const scroll = (appPage: AppPage, to: 'end' | number): Promise<Shown> =>
  appPage.app.evaluate(async (target) => {
    const page = [...document.querySelectorAll<HTMLElement>('#wx-pages > page')].find(
      ({ style }) => style.display !== 'none',
    );
    if (page === undefined) throw new Error('no page is shown');
    page.scrollTop = target === 'end' ? page.scrollHeight : target;
    const titleInTheMiddle = (): string =>
      document
        .elementFromPoint(innerWidth / 2, innerHeight / 2)
        ?.closest('.item')
        ?.querySelector('.item-title')?.textContent ?? '';
    // Until its rows are sent, a place that was jumped to shows none; a heading may stand there for good.
    const untilMs = performance.now() + 1_000;
    do await new Promise(requestAnimationFrame);
    while (titleInTheMiddle() === '' && performance.now() < untilMs);
    const { __setData } = globalThis as unknown as { __setData: { largest: number } };
    return {
      lines: page.querySelectorAll('.item, .day').length,
      elements: page.querySelectorAll('*').length,
      title: titleInTheMiddle(),
      scrollTop: page.scrollTop,
      scrollHeight: page.scrollHeight,
      largestCallBytes: __setData.largest,
    };
  }, to);

describe.skipIf(browserFile === undefined)(`a history of ${SESSIONS} records`, () => {
  const current = useAppPage();

  beforeAll(async () => {
    const { cloud } = current.testBed;
    const openid = cloud.users.B ?? '';
    const now = Date.now();
    const sessions = Array.from({ length: SESSIONS }, (_, at) =>
      storedSession(openid, `long-${String(at).padStart(6, '0')}`, [`这是第 ${at} 次录音，说了一些话。`], {
        title: `第 ${at} 次`,
        startedAt: new Date(now - at * 7 * MINUTE_MS),
        ...(at % 5 === 0 && { tags: ['周会'], taggedAt: new Date(now - at) }),
      }),
    );
    await seedSessions(cloud, sessions);
  }, 120_000);

  test('scrolls to its end and back with a bounded number of rows, and keeps its place', async () => {
    const { appPage } = current;
    await appPage.useUser(current.testBed.cloud.users.B ?? '');
    await appPage.history();
    const first = await scroll(appPage, 0);
    let most = first;
    const place = await scroll(appPage, 2_500);
    const numberOf = (title: string): number => Number(/\d+/.exec(title)?.[0] ?? -1);
    expect(numberOf(place.title)).toBeGreaterThan(5);

    const loaded = async (): Promise<number> => {
      const shown = await scroll(appPage, 'end');
      if (shown.lines > most.lines || shown.elements > most.elements) most = shown;
      return Number(
        await appPage
          .find('.item-title')
          .last()
          .textContent()
          .then((title) => numberOf(title ?? '')),
      );
    };
    const what = 'the last record';
    await waitUntil(loaded, (last) => last === SESSIONS - 1, { timeoutMs: 240_000, what });
    await appPage.find('.foot').getByText('没有更多了').waitFor();
    expect(most.lines).toBeLessThanOrEqual(MAX_LINES);
    expect(most.elements).toBeLessThan(first.elements * 3);

    const end = await scroll(appPage, 'end');
    expect(end.largestCallBytes).toBeLessThanOrEqual(64 * 1024);
    // every position has the record that belongs there, as far from the end as it is high
    const rowPx = end.scrollHeight / SESSIONS;
    for (const share of [0.75, 0.5, 0.25, 0.9, 0.1]) {
      const there = await scroll(appPage, Math.round(end.scrollHeight * share));
      expect(there.lines).toBeLessThanOrEqual(MAX_LINES);
      expect(Math.abs(numberOf(there.title) - there.scrollTop / rowPx)).toBeLessThan(SESSIONS / 20);
    }
    expect((await scroll(appPage, 2_500)).title).toBe(place.title);

    // a record is opened in the middle, and the list is where it was
    const middle = await scroll(appPage, Math.round(end.scrollHeight / 2));
    await appPage.find('.item-body').filter({ hasText: middle.title }).first().click();
    await appPage.find('.sheet-of-lines').waitFor();
    await appPage.back();
    await expect.poll(async () => (await scroll(appPage, middle.scrollTop)).title).toBe(middle.title);
    expect(appPage.errors).toEqual([]);
  }, 300_000);
});
