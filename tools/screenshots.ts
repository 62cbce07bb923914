/** `npm run screenshots`: PNGs of every page in its usual states, light and dark, for review. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from '../local/wechat/chromium.ts';
import type { Phone } from '../local/wechat/e2e/phone.ts';
import { startTestBed, type TestBed } from '../local/wechat/e2e/test-bed.ts';
import { runTool, ToolError } from './cli.ts';

const OUT = fileURLToPath(new URL('../.local/screenshots/', import.meta.url));
/** Transitions of the widgets end within this. */
const SETTLE_MS = 450;
const OFFLINE_MS = 3_000;

/** Takes one state in both themes. */
const shoot = async (phone: Phone, name: string): Promise<void> => {
  for (const theme of ['light', 'dark'] as const) {
    await (theme === 'light'
      ? phone.host((host) => host.setTheme('light'))
      : phone.host((host) => host.setTheme('dark')));
    await phone.page.waitForTimeout(SETTLE_MS);
    await phone.page.screenshot({ path: path.join(OUT, `${name}-${theme}.png`) });
  }
  await phone.host((host) => host.setTheme('light'));
  console.log(`  ${name}`);
};

/** Sets data of the page that is shown, for states that would take hours to reach. */
const setData = (phone: Phone, data: object): Promise<void> =>
  phone.app.evaluate((patch) => {
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

const emptyPages = async (phone: Phone): Promise<void> => {
  await shoot(phone, 'live-idle');
  await phone.history();
  await shoot(phone, 'history-empty');
  await phone.figures('今天');
  await shoot(phone, 'stats-empty');
  await phone.tab('一句话');
  await shoot(phone, 'oneshot-idle');
  await phone.tab('设置');
  await shoot(phone, 'settings-idle');
  await phone.tab('实时');
  await phone.button(/^热词/).click();
  await shoot(phone, 'live-hotwords');
  await phone.app.getByLabel('热词，一行一个').fill('云开发|11\n这个词实在是太长了不行的\n权重|99');
  await phone.button('完成').click();
  await shoot(phone, 'live-hotwords-problems');
  await phone.app.getByLabel('热词，一行一个').fill('');
  await phone.button('完成').click();
};

const recordingPages = async (phone: Phone): Promise<void> => {
  await phone.tab('实时');
  await phone.record();
  await phone.waitForStored(2);
  await phone.waitForLiveText();
  await shoot(phone, 'live-recording');
  await phone.host((host) => host.setOnline(false));
  await phone.page.waitForTimeout(OFFLINE_MS);
  await shoot(phone, 'live-offline');
  await phone.host((host) => host.setOnline(true));
  await phone.waitForConnection('已连接');
  await phone.host((host) => host.interrupt(true));
  await shoot(phone, 'live-interrupted');
  await phone.host((host) => host.interrupt(false));
  await phone.host((host) => host.setOnline(false));
  await phone.tapRecord();
  await phone.waitForBanner('稍后再传');
  await shoot(phone, 'live-stopping-offline');
  await phone.host((host) => host.setOnline(true));
  await phone.waitForConnection('已保存');
  await shoot(phone, 'live-done');
  await setData(phone, { rows: longRows, following: false });
  await shoot(phone, 'live-long');
};

const recordPages = async (phone: Phone): Promise<void> => {
  await phone.history();
  await shoot(phone, 'history');
  await phone.openRecord(0);
  await shoot(phone, 'session');
  await phone.button('导出').click();
  await shoot(phone, 'session-export');
  await phone.page.mouse.click(195, 80);
  await phone.page.waitForTimeout(SETTLE_MS);
  await phone.find('.line').first().click();
  await shoot(phone, 'session-edit');
  await phone.page.mouse.click(195, 80);
  await phone.page.waitForTimeout(SETTLE_MS);
  const lines = longRows.map(({ text, time, kind }, index) => ({
    key: `l${index}`,
    index,
    text,
    time,
    loss: kind === 'loss',
    edited: index === 1,
  }));
  await setData(phone, { rows: lines, 'summary.title': LONG.slice(0, 60) });
  await shoot(phone, 'session-long');
  await phone.button('查找').first().click();
  await phone.app.getByLabel('查找的文字').fill('会议');
  await phone.app
    .getByRole('dialog', { name: '在这次录音中查找' })
    .getByRole('button', { name: '查找' })
    .click();
  await phone.app.getByText(/^共 \d+ 句/).waitFor();
  await shoot(phone, 'session-find');
  await phone.button('关闭').first().click();
  await phone.page.waitForTimeout(SETTLE_MS);
  await phone.back();
  await phone.find('input').fill('会议');
  await phone.find('.hit').first().waitFor();
  await shoot(phone, 'history-search');
  await phone.find('input').fill('从未说过');
  await phone.find('.blank').waitFor();
  await shoot(phone, 'history-none-found');
  await phone.find('input').fill('');
  await phone.find('.item-body').first().waitFor();
  await phone.find('.item-body').first().click({ delay: 600 });
  await phone.button('删除').last().click();
  await phone.find('.snack').waitFor();
  await shoot(phone, 'history-deleted');
  await phone.button('撤销').click();
  await phone.figures('今天');
  await shoot(phone, 'stats');
};

const oneshotPages = async (phone: Phone): Promise<void> => {
  await phone.tab('一句话');
  const box = await phone.find('.hold').boundingBox();
  if (box === null) throw new Error('the hold button is not there');
  await phone.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await phone.page.mouse.down();
  await phone.find('.seconds').waitFor();
  await phone.page.waitForTimeout(OFFLINE_MS);
  await shoot(phone, 'oneshot-recording');
  await phone.page.mouse.up();
  await phone.find('.result').waitFor();
  await shoot(phone, 'oneshot-done');
};

const failurePages = async (phone: Phone, testBed: TestBed): Promise<void> => {
  await phone.tab('设置');
  await phone.testConnection();
  await shoot(phone, 'settings-test-ok');
  await testBed.cloud.process('container-1').kill('SIGKILL');
  await phone.testConnection();
  await phone.find('.step-fail').first().scrollIntoViewIfNeeded();
  await shoot(phone, 'settings-test-failed');
  await testBed.cloud.process('container-1').start();

  await phone.useUser(testBed.cloud.users.B ?? '');
  await phone.host((host) => host.setPermissionAnswer(false));
  await phone.tapRecord();
  await phone.waitForBanner('没有麦克风权限');
  await shoot(phone, 'live-refused');
  await phone.host((host) => host.setOnline(false));
  await phone.tab('历史');
  await phone.find('.problem').waitFor();
  await shoot(phone, 'history-error');
  await phone.tab('统计');
  await phone.find('.problem').waitFor();
  await shoot(phone, 'stats-error');
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

/** @param onBegin called before the first picture: from then on each is printed */
const takeAll = async (onBegin: () => void): Promise<void> => {
  const { file, found } = findChromium();
  if (file === undefined) throw new ToolError(found);
  console.log(found);
  fs.rmSync(OUT, { recursive: true, force: true });
  fs.mkdirSync(OUT, { recursive: true });
  const testBed = await startTestBed();
  onBegin();
  const parts: [name: string, take: (phone: Phone) => Promise<void>][] = [
    ['空白', emptyPages],
    ['录音', recordingPages],
    ['记录', recordPages],
    ['一句话', oneshotPages],
    ['故障', (phone) => failurePages(phone, testBed)],
  ];
  let failed = 0;
  try {
    const phone = await testBed.phone();
    for (const [name, take] of parts)
      await take(phone).catch((error: Error) => {
        failed += 1;
        console.error(`「${name}」中断：${error.message}`);
      });
    await desktop(testBed);
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
    options: {},
  },
  '正在启动本地云与浏览器',
  async ({ progress }) => {
    await takeAll(() => progress.end());
    process.exit();
  },
);
