import { aLongSession } from '../../functions/shared/testing/records.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import type { AppPage } from '../../local/wechat/e2e/app-page.ts';
import { seedLongSession, seedSessions, storedSession } from '../../local/wechat/e2e/seed.ts';
import type { TestBed } from '../../local/wechat/e2e/test-bed.ts';
import { type SetDataSample, type SetDataUse, useOf } from './set-data.ts';

/** The counters are read this often, ms. */
const SAMPLE_EVERY_MS = 100;
/** What a page was about to send when it was left has been sent by then, ms. */
const SETTLE_MS = 2_000;
const LONG_SESSION = 'bench-long-session';
const SENTENCES = 5_000;
const SESSIONS = 10_000;
const SESSION_EVERY_MS = 7 * 60_000;
/** While a recording runs, it is all that changes on other pages. */
const RECORDING_BAR = 'components/recording-bar/recording-bar';
/** Between two turns of the wheel, ms, and how far each goes, px. */
const WHEEL_EVERY_MS = 250;
const WHEEL_PX = 4_000;

/** Something that a person does with the app. */
export interface AppCase {
  name: string;
  use: SetDataUse;
  /** Calls of pages and components that nobody saw meanwhile. */
  unseenCalls: number;
}

/** In every frame: notes when the record button can be tapped, ms since the app's own document was asked for. */
const NOTE_WHEN_USABLE = `(() => {
  const look = () => {
    const button = document.querySelector('.record');
    if (globalThis.__ready && button && button.getBoundingClientRect().height > 0)
      globalThis.__usableMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()`;

/** Opens the app with nothing cached. @returns ms from asking for it until a recording can be started */
export async function coldStartMs({ openApp }: TestBed): Promise<number> {
  const appPage = await openApp('', NOTE_WHEN_USABLE);
  try {
    const usable = await appPage.app.waitForFunction(
      () => (globalThis as unknown as { __usableMs?: number }).__usableMs,
    );
    return Number(await usable.jsonValue());
  } finally {
    await close(appPage);
  }
}

const close = ({ page }: AppPage): Promise<void> => page.context().close();

/** In the app: samples of its counters, newest last. */
interface Sampled {
  __setData: { calls: number; callsOf: Record<string, number>; bytes: number; largest: number };
  __samples: SetDataSample[];
  __sampling: ReturnType<typeof setInterval>;
}

/**
 * What the app sends to its views while `work` goes on. The functions that run in the app have no names: a compiler that keeps names
 * would call a function that is not there.
 */
async function during({ app }: AppPage, work: () => Promise<unknown>): Promise<SetDataUse> {
  await app.evaluate((everyMs) => {
    const scope = globalThis as unknown as Sampled;
    scope.__setData.largest = 0;
    scope.__samples = [{ atMs: performance.now(), ...scope.__setData }];
    scope.__sampling = setInterval(
      () => void scope.__samples.push({ atMs: performance.now(), ...scope.__setData }),
      everyMs,
    );
  }, SAMPLE_EVERY_MS);
  await work();
  const { samples, largest } = await app.evaluate(() => {
    const scope = globalThis as unknown as Sampled;
    clearInterval(scope.__sampling);
    const samples = [...scope.__samples, { atMs: performance.now(), ...scope.__setData }];
    return { samples, largest: scope.__setData.largest };
  });
  return useOf(samples, largest);
}

/** Calls so far by page and component. */
const callsOf = ({ app }: AppPage): Promise<Record<string, number>> =>
  app.evaluate(() => ({ ...(globalThis as unknown as Sampled).__setData.callsOf }));

const idle = (ms: number) => (): Promise<void> => sleep(systemClock, ms);

/** A recording that goes on: in sight, behind another tab, and with the app in the background. */
export async function recordingCases({ openApp }: TestBed, forMs: number): Promise<AppCase[]> {
  const appPage = await openApp();
  try {
    await appPage.record();
    await appPage.waitForLiveText();
    const shown = await during(appPage, idle(forMs));
    await appPage.tab('设置');
    await idle(SETTLE_MS)();
    const before = await callsOf(appPage);
    const otherTab = await during(appPage, idle(forMs / 2));
    const after = await callsOf(appPage);
    const barCalls = (after[RECORDING_BAR] ?? 0) - (before[RECORDING_BAR] ?? 0);
    await appPage.tab('实时');
    await appPage.host((host) => host.background());
    await idle(SETTLE_MS)();
    const background = await during(appPage, idle(forMs / 2));
    return [
      { name: '录音中', use: shown, unseenCalls: 0 },
      { name: '录音中，停在设置页（录音条）', use: otherTab, unseenCalls: otherTab.calls - barCalls },
      { name: '录音中，退到后台', use: background, unseenCalls: background.calls },
    ];
  } finally {
    await close(appPage);
  }
}

/** A record of 5,000 sentences: opened, scrolled, searched. */
export async function longSessionCases(testBed: TestBed, scrollMs: number): Promise<AppCase[]> {
  const { cloud } = testBed;
  const [_openid = ''] = Object.values(cloud.users);
  await seedLongSession(cloud, aLongSession(LONG_SESSION, SENTENCES, { _openid }));
  const appPage = await testBed.openApp(`/pages/session/session?id=${LONG_SESSION}`);
  try {
    const opened = await during(appPage, () => appPage.find('.line').first().waitFor());
    const scrolled = await during(appPage, () => scroll(appPage, scrollMs));
    const searched = await during(appPage, () => search(appPage));
    return [
      { name: `打开 ${SENTENCES} 句的记录`, use: opened, unseenCalls: 0 },
      { name: '往下翻', use: scrolled, unseenCalls: 0 },
      { name: `在 ${SENTENCES} 句里查找`, use: searched, unseenCalls: 0 },
    ];
  } finally {
    await close(appPage);
  }
}

/** A history of 10,000 records: opened, scrolled. */
export async function longHistoryCases(testBed: TestBed, scrollMs: number): Promise<AppCase[]> {
  const { cloud } = testBed;
  const [openid = ''] = Object.values(cloud.users);
  const now = systemClock.now();
  const sessions = Array.from({ length: SESSIONS }, (_, at) =>
    storedSession(openid, `bench-${String(at).padStart(6, '0')}`, [`这是第 ${at} 次录音，说了一些话。`], {
      startedAt: new Date(now - at * SESSION_EVERY_MS),
    }),
  );
  await seedSessions(cloud, sessions);
  const appPage = await testBed.openApp();
  try {
    const opened = await during(appPage, () => appPage.history());
    const scrolled = await during(appPage, () => scroll(appPage, scrollMs));
    return [
      { name: `打开 ${SESSIONS} 条的历史`, use: opened, unseenCalls: 0 },
      { name: '往下翻历史', use: scrolled, unseenCalls: 0 },
    ];
  } finally {
    await close(appPage);
  }
}

async function scroll(appPage: AppPage, ms: number): Promise<void> {
  const { page } = appPage;
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  await page.mouse.move(width / 2, height / 2);
  for (const endAt = performance.now() + ms; performance.now() < endAt; ) {
    await page.mouse.wheel(0, WHEEL_PX);
    await idle(WHEEL_EVERY_MS)();
    // a long record is shown in parts
    const more = appPage.button(/接着看$/);
    if (await more.isVisible()) await more.click();
  }
}

async function search(appPage: AppPage): Promise<void> {
  await appPage.button('查找').first().click();
  await appPage.find('.find-input').fill(`第${SENTENCES - 1}句`);
  await appPage.find('.find-text').first().click();
  await appPage.find('.line-marked').waitFor({ timeout: 60_000 });
}
