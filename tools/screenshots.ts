/** `npm run screenshots`: PNGs of every page in its usual states, light and dark, for review. */
import path from 'node:path';
import { findChromium } from '../local/wechat/chromium.ts';
import type { AppPage } from '../local/wechat/e2e/app-page.ts';
import { startTestBed, type TestBed } from '../local/wechat/e2e/test-bed.ts';
import { runTool, ToolError } from './cli.ts';
import { clearOut, OUT, SETTLE_MS, shoot } from './screenshots/shoot.ts';
import { SIZES_PARTS, seedForSizes } from './screenshots/sizes.ts';

const OFFLINE_MS = 3_000;

/** Sets data of the page that is shown, for states that would take hours to reach. */
const setData = (appPage: AppPage, data: object): Promise<void> =>
  appPage.app.evaluate((patch) => {
    const { __pages } = globalThis as unknown as { __pages: { page(): { setData(data: object): void } } };
    __pages.page().setData(patch);
  }, data);

const LONG =
  '这一句特别长，说话的人一口气讲了很多，中间没有停顿，用来看文字换行、行距与滚动是否合适，也看看 English words、数字 2024 和标点混排时的样子。';

const longRows = Array.from({ length: 40 }, (_, index) => ({
  key: `long-${index}`,
  kind: index === 39 ? 'live' : index === 20 ? 'loss' : index > 36 ? 'final' : 'settled',
  text: index === 20 ? '此处 12 秒没有识别：等待过久，缓存已满' : index % 3 === 0 ? LONG : '好的，没有问题。',
  time: `${String(Math.floor(index / 4)).padStart(2, '0')}:${String((index * 15) % 60).padStart(2, '0')}`,
}));

const emptyPages = async (appPage: AppPage): Promise<void> => {
  await shoot(appPage, 'live-idle');
  await appPage.history();
  await shoot(appPage, 'history-empty');
  await appPage.figures('今天');
  await shoot(appPage, 'stats-empty');
  await appPage.tab('一句话');
  await shoot(appPage, 'oneshot-idle');
  await appPage.tab('设置');
  await shoot(appPage, 'settings-idle');
  await appPage.tab('实时');
  await appPage.button(/^热词/).click();
  await shoot(appPage, 'live-hotwords');
  await appPage.app.getByLabel('热词，一行一个').fill('云开发|11\n这个词实在是太长了不行的\n权重|99');
  await appPage.button('完成').click();
  await shoot(appPage, 'live-hotwords-problems');
  await appPage.app.getByLabel('热词，一行一个').fill('');
  await appPage.button('完成').click();
};

const recordingPages = async (appPage: AppPage): Promise<void> => {
  await appPage.tab('实时');
  await appPage.record();
  await appPage.waitForStored(2);
  await appPage.waitForLiveText();
  await shoot(appPage, 'live-recording');
  await appPage.host((host) => host.setOnline(false));
  await appPage.page.waitForTimeout(OFFLINE_MS);
  await shoot(appPage, 'live-offline');
  await appPage.host((host) => host.setOnline(true));
  await appPage.waitForConnection('已连接');
  await appPage.host((host) => host.interrupt(true));
  await shoot(appPage, 'live-interrupted');
  await appPage.host((host) => host.interrupt(false));
  await appPage.host((host) => host.setOnline(false));
  await appPage.tapRecord();
  await appPage.waitForBanner('稍后再传');
  await shoot(appPage, 'live-stopping-offline');
  await appPage.host((host) => host.setOnline(true));
  await appPage.waitForConnection('已保存');
  await shoot(appPage, 'live-done');
  await setData(appPage, { rows: longRows, following: false });
  await shoot(appPage, 'live-long');
};

const recordPages = async (appPage: AppPage): Promise<void> => {
  await appPage.history();
  await shoot(appPage, 'history');
  await appPage.openRecord(0);
  await shoot(appPage, 'session');
  await appPage.button('导出').click();
  await shoot(appPage, 'session-export');
  await appPage.page.mouse.click(195, 80);
  await appPage.page.waitForTimeout(SETTLE_MS);
  await appPage.find('.line-more').first().click();
  await shoot(appPage, 'session-menu');
  await appPage.button('修改这一句').click();
  await shoot(appPage, 'session-edit');
  await appPage.page.mouse.click(195, 80);
  await appPage.page.waitForTimeout(SETTLE_MS);
  await appPage.button('分段').click();
  await shoot(appPage, 'session-paragraphs');
  await appPage.button('逐句').click();
  const lines = longRows.map(({ text, time, kind }, index) => ({
    key: `l${index}`,
    index,
    text,
    segments: [],
    time,
    loss: kind === 'loss',
    edited: index === 1,
  }));
  await setData(appPage, { rows: lines, 'summary.title': LONG.slice(0, 60) });
  await shoot(appPage, 'session-long');
  await appPage.button('查找').first().click();
  await appPage.app.getByLabel('查找的文字').fill('会议');
  await appPage.app.getByLabel('查找的文字').press('Enter');
  await appPage.app.getByText(/^第 \d+ \/ \d+ 句/).waitFor();
  await shoot(appPage, 'session-find');
  await appPage.button('替换').click();
  await appPage.app.getByLabel('替换为').fill('例会');
  await appPage.button('预览').click();
  await appPage.app.getByRole('checkbox').first().waitFor();
  await shoot(appPage, 'session-replace');
  await appPage.app.getByRole('dialog', { name: '全部替换' }).getByRole('button', { name: '关闭' }).click();
  await appPage.page.waitForTimeout(SETTLE_MS);
  await appPage.back();
  await appPage.find('input').fill('会议');
  await appPage.find('.hit').first().waitFor();
  await shoot(appPage, 'history-search');
  await appPage.find('input').fill('从未说过');
  await appPage.find('.blank').waitFor();
  await shoot(appPage, 'history-none-found');
  await appPage.find('input').fill('');
  await appPage.find('.item-body').first().waitFor();
  await appPage.find('.item-body').first().click({ delay: 600 });
  await appPage.button('删除').last().click();
  await appPage.find('.snack').waitFor();
  await shoot(appPage, 'history-deleted');
  await appPage.button('撤销').click();
  await appPage.figures('今天');
  await shoot(appPage, 'stats');
};

const oneshotPages = async (appPage: AppPage): Promise<void> => {
  await appPage.tab('一句话');
  const box = await appPage.find('.hold').boundingBox();
  if (box === null) throw new Error('the hold button is not there');
  await appPage.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await appPage.page.mouse.down();
  await appPage.find('.seconds').waitFor();
  await appPage.page.waitForTimeout(OFFLINE_MS);
  await shoot(appPage, 'oneshot-recording');
  await appPage.page.mouse.up();
  await appPage.find('.result').waitFor();
  await shoot(appPage, 'oneshot-done');
};

const failurePages = async (appPage: AppPage, testBed: TestBed): Promise<void> => {
  await appPage.tab('设置');
  await appPage.testConnection();
  await shoot(appPage, 'settings-test-ok');
  await testBed.cloud.process('container-1').kill('SIGKILL');
  await appPage.testConnection();
  await appPage.find('.step-fail').first().scrollIntoViewIfNeeded();
  await shoot(appPage, 'settings-test-failed');
  await testBed.cloud.process('container-1').start();

  await appPage.useUser(testBed.cloud.users.B ?? '');
  await appPage.host((host) => host.setPermissionAnswer(false));
  await appPage.tapRecord();
  await appPage.waitForBanner('没有麦克风权限');
  await shoot(appPage, 'live-refused');
  await appPage.host((host) => host.setOnline(false));
  await appPage.tab('历史');
  await appPage.find('.problem').waitFor();
  await shoot(appPage, 'history-error');
  await appPage.tab('统计');
  await appPage.find('.problem').waitFor();
  await shoot(appPage, 'stats-error');
};

const desktop = async (testBed: TestBed): Promise<void> => {
  const page = await testBed.browser.newPage({
    viewport: { width: 1280, height: 940 },
    deviceScaleFactor: 1,
  });
  await page.goto(testBed.host.url);
  await page.frameLocator('#app').locator('.record').waitFor();
  await page.screenshot({ path: path.join(OUT, 'desktop.png') });
  await page.close();
};

/**
 * @param sizes in other windows and sizes of text instead of the usual phone
 * @param onBegin called before the first picture: from then on each is printed
 */
const takeAll = async (sizes: boolean, onBegin: () => void): Promise<void> => {
  const { file, found } = findChromium();
  if (file === undefined) throw new ToolError(found);
  console.log(found);
  clearOut();
  const testBed = await startTestBed();
  onBegin();
  const usual: typeof SIZES_PARTS = [
    ['空白', emptyPages],
    ['录音', recordingPages],
    ['记录', recordPages],
    ['一句话', oneshotPages],
    ['故障', (appPage) => failurePages(appPage, testBed)],
  ];
  let failed = 0;
  try {
    if (sizes) await seedForSizes(testBed);
    const appPage = await testBed.openApp();
    for (const [name, take] of sizes ? SIZES_PARTS : usual)
      await take(appPage).catch((error: Error) => {
        failed += 1;
        console.error(`「${name}」中断：${error.message}`);
      });
    if (!sizes) await desktop(testBed);
  } finally {
    await testBed.stop();
  }
  console.log(`截图在 ${OUT}`);
  process.exitCode = failed === 0 ? 0 : 1;
};

await runTool(
  {
    command: 'npm run screenshots --',
    summary: '每个页面、每种状态、深浅两色的 PNG，写入 .local/screenshots/',
    options: { sizes: { type: 'boolean', help: '主要的状态，改画 320 px、横屏、平板与大字号' } },
  },
  '正在启动本地云与浏览器',
  async ({ values, progress }) => {
    await takeAll(values.sizes, () => progress.end());
    process.exit();
  },
);
