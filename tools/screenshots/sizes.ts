import { addDays, shanghaiDay } from '../../contract/day.ts';
import { ALL_DAYS, type SessionRecord, type StatsRecord, statsId } from '../../contract/records.ts';
import { systemClock } from '../../lib/clock.ts';
import type { AppPage } from '../../local/wechat/e2e/app-page.ts';
import { seedDays, seedSessions, storedSession } from '../../local/wechat/e2e/seed.ts';
import type { TestBed } from '../../local/wechat/e2e/test-bed.ts';
import { NEW_RECORD } from '../../records/schema-version.ts';
import { SETTLE_MS, shoot } from './shoot.ts';

/** Windows and sizes of text in which an app that fits the usual phone may not fit; px. */
const SIZES = [
  { name: '320', width: 320, height: 640, scale: 1 },
  { name: 'landscape', width: 844, height: 390, scale: 1 },
  { name: 'tablet', width: 834, height: 1112, scale: 1 },
  { name: 'large-text', width: 390, height: 844, scale: 1.4 },
] as const;

/** Takes one state in every size; the page is left in that of a usual phone. */
async function shootSizes(appPage: AppPage, state: string): Promise<void> {
  for (const { name, width, height, scale } of SIZES) {
    // Not by going into the background, as a user would: a recording is paused there. Before the resize, upon which the chart is drawn.
    await scaleText(appPage, scale);
    await appPage.resize(width, height);
    await shoot(appPage, `${state}-${name}`);
  }
  await scaleText(appPage, 1);
  await appPage.resize(390, 844);
  await appPage.page.waitForTimeout(SETTLE_MS);
}

async function scaleText(appPage: AppPage, scale: number): Promise<void> {
  await appPage.page.evaluate((wanted) => {
    const { __host } = globalThis as unknown as { __host: { device(): { textScale: number } } };
    __host.device().textScale = wanted;
  }, scale);
  await appPage.callPage('applyTextSize');
}

const DAY_MS = 86_400_000;
const TEXTS = [
  '我们先看一下上周的数据，新用户比前一周多了百分之十二。',
  '主要来自活动页，注册之后第二天还回来的有一半。',
  '下周一之前把方案发给大家，有意见直接写在文档里。',
];

/** Records of several days: with and without a title, pinned, tagged, interrupted. */
function records(openid: string, nowMs: number): SessionRecord[] {
  const of = (id: string, daysAgo: number, changes: Partial<SessionRecord>): SessionRecord =>
    storedSession(openid, `sizes-record-${id}`, TEXTS, {
      startedAt: new Date(nowMs - daysAgo * DAY_MS - 600_000),
      ...changes,
    });
  return [
    of('0', 0, { title: '早会' }),
    of('1', 1, {
      title: '关于下一季度市场推广与渠道合作安排的讨论（第二次，含预算）',
      tags: ['市场', '需要跟进的事项', '第三季度'],
      taggedAt: new Date(nowMs),
    }),
    of('2', 1, { state: 'interrupted' }),
    of('3', 4, { title: '产品周会', tags: ['周会'], taggedAt: new Date(nowMs), pinnedAt: new Date(nowMs) }),
    of('4', 40, { title: 'Interview with the maintainers of the realtime voice service' }),
  ];
}

/** Figures of the last days and their sum. */
function days(openid: string, nowMs: number): StatsRecord[] {
  const of = (day: string, sessions: number): StatsRecord => ({
    ...NEW_RECORD,
    _id: statsId(openid, day),
    _openid: openid,
    day,
    sessions,
    completed: sessions,
    interrupted: 0,
    oneshot: 0,
    sentences: sessions * 41,
    chars: sessions * 1_234,
    durationMs: sessions * 1_111_000,
    updatedAt: new Date(nowMs),
  });
  const today = shanghaiDay(nowMs);
  const counts = [3, 12, 0, 7, 128, 1, 5].map((sessions, ago) => of(addDays(today, -ago), sessions));
  return [...counts, of(ALL_DAYS, 156)];
}

async function recordingPages(appPage: AppPage): Promise<void> {
  await shootSizes(appPage, 'live-idle');
  await appPage.button(/^热词/).click();
  await shootSizes(appPage, 'live-hotwords');
  await appPage.page.keyboard.press('Escape');
  await appPage.button('选择是否保留录音').click();
  await appPage.button('保留').last().click();
  await appPage.find('.keep').waitFor({ state: 'detached' });
  await appPage.record();
  await appPage.waitForStored(2);
  await appPage.button('标记这一刻').click();
  await shootSizes(appPage, 'live-recording');
  await appPage.tab('历史');
  await shootSizes(appPage, 'history-recording');
  await appPage.tab('实时');
  await appPage.stop();
  await shootSizes(appPage, 'live-done');
}

/** A recording that waits on the phone stands above the records. */
async function historyPages(appPage: AppPage): Promise<void> {
  await appPage.tab('实时');
  await appPage.button('清空文字').click();
  await appPage.leaveUndelivered();
  await appPage.host((host) => host.setOnline(true));
  await appPage.button('重试').click();
  await appPage.find('.item-title').first().waitFor();
  await shootSizes(appPage, 'history');
  await appPage.find('.item-body').nth(1).click({ delay: 600 });
  await appPage.button('标签').last().click();
  await appPage.app.getByRole('dialog', { name: '标签' }).waitFor();
  await shootSizes(appPage, 'history-tags');
  await appPage.page.keyboard.press('Escape');
  await appPage.page.waitForTimeout(SETTLE_MS);
  await appPage.find('.item-body').nth(1).click({ delay: 600 });
  await shootSizes(appPage, 'history-menu');
  await appPage.button('选择多条').click();
  await appPage.find('.item-body').nth(2).click();
  await shootSizes(appPage, 'history-selecting');
  await appPage.button('导出').click();
  await appPage.app.getByText(/^语音记录 2 条/).waitFor();
  await shootSizes(appPage, 'history-export');
  await appPage.page.keyboard.press('Escape');
  await appPage.button('完成').click();
}

/** Of a record whose audio is on this phone. */
async function recordPages(appPage: AppPage): Promise<void> {
  const { keyboard } = appPage.page;
  await appPage.history();
  await appPage.find('.item-body:has-text("早会")').waitFor();
  // The pinned one is the first.
  await appPage.openRecord(1);
  await appPage.find('.player-controls').waitFor();
  await appPage.button('前进 15 秒').click();
  await shootSizes(appPage, 'session');
  await appPage.button('分段').click();
  await shootSizes(appPage, 'session-paragraphs');
  await appPage.button('逐句').click();
  await appPage.button('导出').click();
  await appPage.app.getByRole('dialog', { name: '导出' }).waitFor();
  await shootSizes(appPage, 'session-export');
  await keyboard.press('Escape');
  await appPage.page.waitForTimeout(SETTLE_MS);
  await appPage.find('.line-more').first().click();
  await appPage.button('修改这一句').click();
  await shootSizes(appPage, 'session-edit');
  await keyboard.press('Escape');
  await appPage.page.waitForTimeout(SETTLE_MS);
  await appPage.button('查找').first().click();
  await appPage.app.getByLabel('查找的文字').fill('会议');
  await appPage.app.getByLabel('查找的文字').press('Enter');
  await appPage.app.getByText(/^第 \d+ \/ \d+ 句/).waitFor();
  await shootSizes(appPage, 'session-find');
  await appPage.button('替换').click();
  await appPage.app.getByLabel('替换为').fill('例会');
  await appPage.button('预览').click();
  await appPage.app.getByRole('checkbox').first().waitFor();
  await shootSizes(appPage, 'session-replace');
  await keyboard.press('Escape');
  await appPage.page.waitForTimeout(SETTLE_MS);
  await appPage.back();
}

async function oneshotPages(appPage: AppPage): Promise<void> {
  await appPage.tab('一句话');
  await shootSizes(appPage, 'oneshot-idle');
  const box = await appPage.find('.hold').boundingBox();
  if (box === null) throw new Error('the hold button is not there');
  await appPage.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await appPage.page.mouse.down();
  await appPage.find('.seconds').getByText('00:04').waitFor();
  await appPage.page.mouse.up();
  await appPage.find('.result').waitFor();
  await shootSizes(appPage, 'oneshot-done');
}

async function otherPages(appPage: AppPage): Promise<void> {
  await appPage.figures('今天');
  await shootSizes(appPage, 'stats');
  await appPage.find('.chart').scrollIntoViewIfNeeded();
  await appPage.app.getByRole('radio', { name: '时长' }).click();
  await shootSizes(appPage, 'stats-duration');
  await appPage.app.getByRole('radio', { name: '近 30 天' }).click();
  await shootSizes(appPage, 'stats-month');
  await appPage.tab('设置');
  await shootSizes(appPage, 'settings');
  await appPage.button('删除我的全部数据').scrollIntoViewIfNeeded();
  await shootSizes(appPage, 'settings-end');
  await appPage.openDeveloper();
  await shootSizes(appPage, 'developer');
}

/** The most important states in every size, as {@link SIZES}. */
export const SIZES_PARTS: readonly [name: string, take: (appPage: AppPage) => Promise<void>][] = [
  ['录音', recordingPages],
  ['历史', historyPages],
  ['记录', recordPages],
  ['一句话', oneshotPages],
  ['其他', otherPages],
];

/** What the pages are to show and what would take days to record. */
export async function seedForSizes({ cloud }: TestBed): Promise<void> {
  const [openid = ''] = Object.values(cloud.users);
  const nowMs = systemClock.now();
  await seedSessions(cloud, records(openid, nowMs));
  await seedDays(cloud, days(openid, nowMs));
}
