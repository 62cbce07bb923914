import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FakeClock } from '../lib/fake-clock.ts';
import { RATE_HZ, SENTENCE_SAMPLES, truth } from '../miniprogram/voice/testing/audio.ts';
import type { FakeContainer } from '../miniprogram/voice/testing/fake-container.ts';
import { bundleSession } from './client.ts';
import { type FakeRecorder, openPage, PhoneRealm } from './testing/phone-realm.ts';

const PAGE = new URL(
  '../miniprogram/pages/realtime-voice-cloudbase/realtime-voice-cloudbase.js',
  import.meta.url,
);
/** What the phone keeps while it is offline, ms. */
const KEPT_MS = 120_000;

interface Data {
  stateText: string;
  phase: string;
  running: boolean;
  banner: { title: string } | null;
  lostSeconds: number;
  lines: { index: number; text: string; final: boolean }[];
  error: string;
  history: { text: string }[];
  stats: object | null;
}
interface ExamplePage {
  data: Data;
  onLoad(): void;
  onUnload(): void;
  onStart(): void;
  onStop(): void;
  onHistory(): Promise<void>;
  onStats(): Promise<void>;
}

describe('the example page', () => {
  let realm: PhoneRealm;
  let clock: FakeClock;
  let container: FakeContainer;
  let recorder: FakeRecorder;
  let page: ExamplePage;

  let code: string;
  beforeAll(async () => {
    code = await bundleSession();
  });
  beforeEach(async () => {
    realm = new PhoneRealm();
    ({ clock, container, recorder } = realm);
    page = openPage<ExamplePage>(realm, await readFile(PAGE, 'utf8'), realm.run(code));
    await clock.advance(0);
  });
  afterEach(() => page.onUnload());

  const speak = (ms: number): Promise<void> => realm.speak(ms);
  const started = async (): Promise<void> => {
    page.onStart();
    await clock.until(() => page.data.stateText === '已连接');
  };
  const stored = () => realm.stored;

  it('records, shows text while it is spoken, and stops', async () => {
    await started();
    await speak(5000);
    expect(page.data.lines.length).toBeGreaterThan(2);
    page.onStop();
    await clock.until(() => page.data.stateText.startsWith('已保存'));
    const { texts, samples } = stored();
    expect(page.data.banner?.title).toMatch(new RegExp(`^已保存 ${texts.length} 句`));
    expect(samples).toBe(recorder.pos);
    expect(page.data).toMatchObject({ error: '', phase: 'done', running: false });
    expect(page.data.lines.map(({ text }) => text)).toEqual(texts);
    expect(container.violations).toEqual([]);
  });

  it('comes back after a loss and sends what was recorded meanwhile', async () => {
    await started();
    await speak(3000);
    container.reachable = false;
    container.drop();
    await speak(10_000);
    expect(page.data.stateText).toContain('正在重连');
    container.reachable = true;
    await clock.until(() => page.data.stateText === '已连接');
    page.onStop();
    await clock.until(() => page.data.stateText.startsWith('已保存'));
    expect(stored().samples).toBe(recorder.pos);
    expect(stored().losses).toEqual([]);
    expect(page.data.lostSeconds).toBe(0);
    expect(container.violations).toEqual([]);
  });

  it('says what an outage that was longer than the phone can keep has cost, sends no frame twice, and goes on', async () => {
    await started();
    await speak(6000);
    const { committedPos } = stored();
    container.reachable = false;
    container.drop();
    const before = container.frames.length;
    await speak(KEPT_MS + 10_000);
    container.reachable = true;
    await clock.until(() => page.data.stateText === '已连接');
    await speak(80_000);

    const { losses } = stored();
    for (const [at, loss] of losses.entries())
      expect(loss.fromPos).toBe(losses[at - 1]?.toPos ?? loss.fromPos);
    const lost = losses.reduce((sum, { fromPos, toPos }) => sum + toPos - fromPos, 0);
    expect(lost / RATE_HZ).toBeGreaterThan(5);
    expect(lost / RATE_HZ).toBeLessThan(15);
    expect(page.data.lostSeconds).toBe(Math.ceil(lost / RATE_HZ));
    const sent = container.frames.slice(before).reduce((sum, { samples }) => sum + samples, 0);
    const again = sent - (recorder.pos - committedPos - lost);
    expect(again / RATE_HZ).toBeLessThan(3);

    const texts = stored().texts.length;
    await speak(5000);
    expect(stored().texts.length).toBeGreaterThan(texts);
    page.onStop();
    await clock.until(() => page.data.stateText.startsWith('已保存'), 60_000);
    expect(stored()).toMatchObject({ state: 'completed', samples: recorder.pos });
    const last = stored().texts.length - 1;
    expect(stored().texts[last]).toBe(truth(last * SENTENCE_SAMPLES, recorder.pos, stored().losses));
    expect(container.violations).toEqual([]);
  }, 60_000);

  it('records before it is connected, and frees everything when it is left; the recording is delivered later', async () => {
    container.reachable = false;
    page.onStart();
    await speak(2000);
    expect(page.data.stateText).toContain('正在连接');
    page.onUnload();
    await clock.advance(1000);
    expect(recorder.running).toBe(false);
    expect(realm.hooks.size).toBe(0);
    expect(realm.files.names().length).toBeGreaterThan(0);
    container.reachable = true;
    page.onLoad();
    await clock.until(() => container.sessions.size > 0 && stored().state === 'completed');
    expect(stored().samples).toBe(recorder.pos);
  });

  it('shows a refusal and frees everything', async () => {
    container.refusals.push({ event: 'start', code: 'UNKNOWN_ENGINE' });
    page.onStart();
    await clock.until(() => page.data.phase === 'failed');
    expect(page.data).toMatchObject({
      running: false,
      stateText: '已断开',
      banner: { title: '不支持这种语言' },
    });
    expect(recorder.running).toBe(false);
    page.onUnload();
    await clock.advance(0);
    expect(realm.hooks.size).toBe(0);
  });

  it('a recorder that fails before it has recorded anything leaves no record', async () => {
    recorder.refusal = 'auth deny';
    page.onStart();
    await clock.until(() => page.data.phase === 'failed');
    await clock.until(() => container.sessions.size === 0);
    expect(page.data).toMatchObject({ running: false, banner: { title: '没有麦克风权限' } });
  });

  it('lists history and statistics', async () => {
    await page.onHistory();
    await page.onStats();
    expect(page.data.history).toMatchObject([{ id: 'a', text: '早上好' }]);
    expect(page.data.stats).toEqual({ count: 3, minutes: 2 });
  });
});
