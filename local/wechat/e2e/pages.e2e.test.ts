import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { MEETING } from './test-bed.ts';
import { useAppPage } from './use-app-page.ts';

const FINISHED = { timeout: 60_000 };

describe.skipIf(browserFile === undefined)(
  'the other pages: connection test, one-shot recognition, settings',
  () => {
    const current = useAppPage();

    test('the connection test finds all well, and names a service that does not exist', async () => {
      const { appPage } = current;
      await appPage.tab('设置');
      const well = await appPage.testConnection();
      expect(well.failed).toEqual([]);
      expect(well.passed).toBeGreaterThan(5);
      await appPage.openDeveloper();
      const service = appPage.find('[aria-label="云托管服务名"]');
      await service.fill('no-such-service');
      await service.blur();
      await appPage.back();
      const ill = await appPage.testConnection();
      expect(ill.failed.join()).toContain('云托管');
      await expect.poll(() => appPage.find('.step-cause').first().textContent()).toContain('未完成的操作');
      await expect.poll(() => appPage.find('.about').textContent()).toMatch(/版本 \d+\.\d+\.\d+（dev）/);
    });

    test('one-shot: hold, speak, let go; the text is shown and saved', async () => {
      const { appPage } = current;
      await appPage.tab('一句话');
      const box = await appPage.find('.hold').boundingBox();
      if (box === null) throw new Error('the hold button is not there');
      await appPage.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await appPage.page.mouse.down();
      // the sentence ends in the third second of the audio, which a loaded machine delivers later than the clock says
      await appPage.find('.seconds').getByText('00:05').waitFor();
      await appPage.page.mouse.up();
      await appPage.find('.result-text').waitFor(FINISHED);
      const text = await appPage.find('.result-text').textContent();
      expect(text).toContain(MEETING.sentences[0]);
      await appPage.history();
      expect((await appPage.openRecord(0)).join('')).toBe(text);
    });

    test('one-shot: an audio file from a chat', async () => {
      const { appPage } = current;
      await appPage.tab('一句话');
      const chooser = appPage.page.waitForEvent('filechooser');
      await appPage.button('选择音频文件').click();
      await (await chooser).setFiles(MEETING.wav);
      await appPage.find('.result-text').waitFor(FINISHED);
      await expect.poll(() => appPage.find('.result-text').textContent()).toContain(MEETING.sentences[0]);
    });

    test('hot words and language are kept for the next recording', async () => {
      const { appPage } = current;
      await appPage.button(/^热词/).click();
      await appPage.app.getByLabel('热词，一行一个').fill('云开发|11\n投影仪');
      await appPage.button('完成').click();
      await appPage.button('热词，2 个').waitFor();
      const language = (): Promise<string | null> => appPage.find('picker').getAttribute('aria-label');
      const before = await language();
      await appPage.app.getByRole('combobox', { name: '识别语言' }).click();
      await appPage.app.getByRole('option').nth(1).click();
      await expect.poll(language).not.toBe(before);
      const chosen = await language();
      await appPage.reload();
      await expect.poll(language).toBe(chosen);
      await appPage.button('热词，2 个').waitFor();
    });

    test('hot words that cannot be used are named before they are left out', async () => {
      const { appPage } = current;
      await appPage.button(/^热词/).click();
      const sheet = appPage.app.getByRole('dialog', { name: '热词' });
      await appPage.app.getByLabel('热词，一行一个').fill('云开发|11\n这个词实在是太长了不行的\n权重|99');
      await appPage.button('完成').click();
      await sheet.getByText('过长').waitFor();
      await sheet.getByText('权重应为').waitFor();
      await appPage.button('去掉它们，完成').click();
      await appPage.button('热词，1 个').waitFor();
      await sheet.waitFor({ state: 'hidden' });
    });

    test('screen readers hear names, roles and states', async () => {
      const { appPage } = current;
      await appPage.tab('设置');
      await appPage.app.getByRole('combobox', { name: '识别语言' }).locator('visible=true').waitFor();
      const toggle = appPage.app.getByRole('switch', { name: '词级时间' });
      const before = await toggle.getAttribute('aria-checked');
      await toggle.click();
      await expect.poll(() => toggle.getAttribute('aria-checked')).not.toBe(before);
      await toggle.click();
      await expect.poll(() => toggle.getAttribute('aria-checked')).toBe(before);
    });

    test('all data is deleted after one confirmation, also where it fails midway and is started again', async () => {
      const { appPage, testBed } = current;
      await appPage.tab('一句话');
      const chooser = appPage.page.waitForEvent('filechooser');
      await appPage.button('选择音频文件').click();
      await (await chooser).setFiles(MEETING.wav);
      await appPage.find('.result-text').waitFor(FINISHED);
      await expect.poll(async () => (await appPage.history()).length).toBeGreaterThan(0);

      await appPage.tab('设置');
      await appPage.button('删除我的全部数据').click();
      await appPage.button('取消').click();
      await expect.poll(async () => (await appPage.history()).length).toBeGreaterThan(0);

      const rule = { match: 'database.removeDocument', effect: 'refuse', times: 1 };
      await fetch(`${testBed.cloud.urls.gateway}/_local/faults`, {
        method: 'POST',
        body: JSON.stringify({ rules: [rule] }),
      });
      await appPage.tab('设置');
      await appPage.button('删除我的全部数据').click();
      await appPage.button('全部删除').click();
      await appPage.find('.deletion').getByText('还没有删完').waitFor(FINISHED);
      await appPage.find('.deletion').scrollIntoViewIfNeeded();
      // what could not be removed yet is not shown any more
      await expect.poll(() => appPage.history(), FINISHED).toEqual([]);
      await appPage.tab('设置');
      await appPage.button('继续删除').click();
      await appPage.find('.deletion').getByText('已全部删除').waitFor(FINISHED);
      await expect.poll(() => appPage.figures('累计')).toMatchObject({ 次数: '0' });
    });

    test('no page reports an error when it is opened and left', async () => {
      const { appPage } = current;
      for (const tab of ['历史', '统计', '一句话', '设置', '实时'] as const) await appPage.tab(tab);
      await appPage.history();
      await appPage.figures('累计');
      expect(appPage.errors).toEqual([]);
    });
  },
);
