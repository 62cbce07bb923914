import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { MEETING } from './test-bed.ts';
import { usePhoneForEachTest } from './use-phone.ts';

const FINISHED = { timeout: 60_000 };

describe.skipIf(browserFile === undefined)(
  'the other pages: connection test, one-shot recognition, settings',
  () => {
    const current = usePhoneForEachTest();

    test('the connection test finds all well, and names a service that does not exist', async () => {
      const { phone } = current;
      await phone.tab('设置');
      const well = await phone.testConnection();
      expect(well.failed).toEqual([]);
      expect(well.passed).toBeGreaterThan(5);
      const service = phone.find('[aria-label="云托管服务名"]');
      await service.fill('no-such-service');
      await service.blur();
      const ill = await phone.testConnection();
      expect(ill.failed.join()).toContain('云托管');
      expect(await phone.find('.step-cause').first().textContent()).toContain('未完成的操作');
    });

    test('one-shot: hold, speak, let go; the text is shown and saved', async () => {
      const { phone } = current;
      await phone.tab('一句话');
      const box = await phone.find('.hold').boundingBox();
      if (box === null) throw new Error('the hold button is not there');
      await phone.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await phone.page.mouse.down();
      await phone.find('.seconds').getByText('00:03').waitFor();
      await phone.page.mouse.up();
      await phone.find('.result-text').waitFor(FINISHED);
      const text = await phone.find('.result-text').textContent();
      expect(text).toContain(MEETING.sentences[0]);
      await phone.history();
      expect((await phone.openRecord(0)).join('')).toBe(text);
    });

    test('one-shot: an audio file from a chat', async () => {
      const { phone } = current;
      await phone.tab('一句话');
      const chooser = phone.page.waitForEvent('filechooser');
      await phone.button('选择音频文件').click();
      await (await chooser).setFiles(MEETING.wav);
      await phone.find('.result-text').waitFor(FINISHED);
      expect(await phone.find('.result-text').textContent()).toContain(MEETING.sentences[0]);
    });

    test('hot words and language are kept for the next recording', async () => {
      const { phone } = current;
      await phone.button(/^热词/).click();
      await phone.app.getByLabel('热词，一行一个').fill('云开发|11\n投影仪');
      await phone.button('完成').click();
      await phone.button('热词，2 个').waitFor();
      const language = (): Promise<string | null> => phone.find('picker').getAttribute('aria-label');
      const before = await language();
      await phone.app.getByRole('combobox', { name: '识别语言' }).click();
      await phone.app.getByRole('option').nth(1).click();
      await expect.poll(language).not.toBe(before);
      const chosen = await language();
      await phone.reload();
      await expect.poll(language).toBe(chosen);
      await phone.button('热词，2 个').waitFor();
    });

    test('hot words that cannot be used are named before they are left out', async () => {
      const { phone } = current;
      await phone.button(/^热词/).click();
      const sheet = phone.app.getByRole('dialog', { name: '热词' });
      await phone.app.getByLabel('热词，一行一个').fill('云开发|11\n这个词实在是太长了不行的\n权重|99');
      await phone.button('完成').click();
      await sheet.getByText('过长').waitFor();
      await sheet.getByText('权重应为').waitFor();
      await phone.button('去掉它们，完成').click();
      await phone.button('热词，1 个').waitFor();
      await sheet.waitFor({ state: 'hidden' });
    });

    test('screen readers hear names, roles and states', async () => {
      const { phone } = current;
      await phone.tab('设置');
      await phone.app.getByRole('combobox', { name: '识别语言' }).locator('visible=true').waitFor();
      const toggle = phone.app.getByRole('switch', { name: '词级时间' });
      const before = await toggle.getAttribute('aria-checked');
      await toggle.click();
      await expect.poll(() => toggle.getAttribute('aria-checked')).not.toBe(before);
      await toggle.click();
      await expect.poll(() => toggle.getAttribute('aria-checked')).toBe(before);
    });

    test('all data is deleted after one confirmation, also where it fails midway and is started again', async () => {
      const { phone, testBed } = current;
      await phone.tab('一句话');
      const chooser = phone.page.waitForEvent('filechooser');
      await phone.button('选择音频文件').click();
      await (await chooser).setFiles(MEETING.wav);
      await phone.find('.result-text').waitFor(FINISHED);
      expect((await phone.history()).length).toBeGreaterThan(0);

      await phone.tab('设置');
      await phone.button('删除我的全部数据').click();
      await phone.button('取消').click();
      expect((await phone.history()).length).toBeGreaterThan(0);

      const rule = { match: 'database.removeDocument', effect: 'refuse', times: 1 };
      await fetch(`${testBed.cloud.urls.gateway}/_local/faults`, {
        method: 'POST',
        body: JSON.stringify({ rules: [rule] }),
      });
      await phone.tab('设置');
      await phone.button('删除我的全部数据').click();
      await phone.button('全部删除').click();
      await phone.find('.deletion').getByText('还没有删完').waitFor(FINISHED);
      await phone.find('.deletion').scrollIntoViewIfNeeded();
      // what could not be removed yet is not shown any more
      await expect.poll(() => phone.history(), FINISHED).toEqual([]);
      await phone.tab('设置');
      await phone.button('继续删除').click();
      await phone.find('.deletion').getByText('已全部删除').waitFor(FINISHED);
      expect(await phone.figures('累计')).toMatchObject({ 次数: '0' });
    });

    test('no page reports an error when it is opened and left', async () => {
      const { phone } = current;
      for (const tab of ['历史', '统计', '一句话', '设置', '实时'] as const) await phone.tab(tab);
      await phone.history();
      await phone.figures('累计');
      expect(phone.errors).toEqual([]);
    });
  },
);
