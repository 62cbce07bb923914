import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { MEETING } from './test-bed.ts';
import { usePhoneForEachTest } from './use-phone.ts';

describe.skipIf(browserFile === undefined)(
  'when something fails, the page shows it and nothing is lost',
  () => {
    const current = usePhoneForEachTest();

    /** The first sentences as they stand in the sample, however many were recognised. */
    const expectFromTheStart = (transcript: readonly string[]): void => {
      expect(transcript.length).toBeGreaterThan(0);
      expect(transcript.slice(0, -1)).toEqual(MEETING.sentences.slice(0, transcript.length - 1));
    };

    test('a refused microphone: the page shows what to do, and goes on once it is allowed', async () => {
      const { phone } = current;
      await phone.host((host) => host.setPermissionAnswer(false));
      await phone.tapRecord();
      await phone.waitForBanner('没有麦克风权限');
      await phone.host((host) => host.setPermissionAnswer(true));
      await phone.button('去设置').click();
      await phone.find('.record-recording').waitFor();
      await phone.waitForStored(1);
      expectFromTheStart(await phone.stop());
    });

    test('a second tap before the permission dialog is answered changes nothing: allowing it records', async () => {
      const { phone } = current;
      await phone.host((host) => {
        delete host.device().scopes['scope.record'];
        host.setPermissionAnswer(undefined);
      });
      await phone.callPage('tapRecord');
      await phone.callPage('tapRecord');
      await phone.button('允许').click();
      await phone.find('.record-recording').waitFor();
      await phone.waitForStored(1);
      expectFromTheStart(await phone.stop());
    });

    test('a recording that is cancelled before it has begun leaves no record and a page that works', async () => {
      const { phone } = current;
      const before = await phone.history();
      await phone.tab('实时');
      await phone.host((host) => {
        delete host.device().scopes['scope.record'];
        host.setPermissionAnswer(undefined);
      });
      await phone.tapRecord();
      await phone.callPage('tapCancel');
      await phone.button('允许').click();
      await phone.find('.record-idle').waitFor();
      expect(await phone.connection()).toBe('准备好了');
      await phone.record();
      await phone.waitForStored(1);
      await phone.stop();
      await expect.poll(() => phone.history()).toHaveLength(before.length + 1);
    });

    test('a stop while offline says that the network is away, and saves once it is back', async () => {
      const { phone } = current;
      await phone.record();
      await phone.waitForStored(1);
      await phone.host((host) => host.setOnline(false));
      await phone.waitForConnection('正在重连');
      await phone.tapRecord();
      await phone.waitForBanner(/连接中断.*恢复后.*保存/);
      expect(await phone.find('.banner-place').textContent()).toContain('稍后再传');
      expect(await phone.connection()).toContain('正在重连');
      await phone.host((host) => host.setOnline(true));
      await phone.waitForConnection('已保存');
      expectFromTheStart(await phone.rows());
    });

    test('a refused clipboard or file choice says why, and what else can be done', async () => {
      const { phone } = current;
      await phone.record();
      await phone.waitForStored(1);
      await phone.stop();
      await phone.host((host) => host.setPrivacy({ declared: ['Record'] }));
      const dialog = phone.app.getByRole('dialog').filter({ hasText: '不能' });
      const expectRefusal = async (...texts: string[]): Promise<void> => {
        await dialog.waitFor();
        const shown = (await dialog.textContent()) ?? '';
        for (const text of texts) expect(shown).toContain(text);
        await phone.button('知道了').click();
      };
      await phone.button('复制全文').click();
      await expectRefusal('不能复制', '剪切板', '长按');
      await phone.tab('一句话');
      await phone.button('选择音频文件').click();
      await expectRefusal('不能选择文件', '选中的文件', '直接说');
      await phone.history();
      await phone.openRecord(0);
      await phone.button('复制全文').click();
      await expectRefusal('不能复制', '剪切板', '导出');
      await phone.button('导出').click();
      const copy = phone.button('复制内容');
      await expect.poll(() => copy.getAttribute('class')).not.toContain('disabled');
      await copy.click();
      await expectRefusal('不能复制', '剪切板', '发送文件');
    });

    test('a service that is down at the start: what is spoken meanwhile is kept and recognised', async () => {
      const { phone, testBed } = current;
      const container = testBed.cloud.process('container-1');
      await container.kill('SIGKILL');
      await phone.record();
      await phone.waitForBanner(/已缓存 \d+ 秒/);
      await container.start();
      await phone.waitForConnection('已连接');
      const [first] = await phone.waitForStored(1);
      expect(first).toBe(MEETING.sentences[0]);
      expectFromTheStart(await phone.stop());
    });

    test('a container killed in the middle of a sentence: the sentence comes out whole', async () => {
      const { phone, testBed } = current;
      await phone.record();
      await phone.waitForStored(1);
      await phone.waitForLiveText();
      const container = testBed.cloud.process('container-1');
      await container.kill('SIGKILL');
      await phone.waitForBanner(/连接中断/);
      await container.start();
      await phone.waitForConnection('已连接');
      const settled = await phone.waitForStored(3);
      expect(settled).toEqual(MEETING.sentences.slice(0, settled.length));
      const transcript = await phone.stop();
      expectFromTheStart(transcript);
      await phone.tab('历史');
      expect(await phone.openRecord(0)).toEqual(transcript);
    });

    test('a network that goes and comes back: the banner counts, the text is complete', async () => {
      const { phone } = current;
      await phone.record();
      await phone.waitForStored(1);
      await phone.host((host) => host.setOnline(false));
      await phone.waitForBanner(/连接中断，已缓存 [2-9] 秒，恢复后续传/);
      await phone.host((host) => host.setOnline(true));
      await phone.waitForConnection('已连接');
      const settled = await phone.waitForStored(3);
      expect(settled).toEqual(MEETING.sentences.slice(0, settled.length));
      expectFromTheStart(await phone.stop());
    });

    test('background and return: the recording pauses, and goes on when asked', async () => {
      const { phone } = current;
      await phone.record();
      const [first] = await phone.waitForStored(1);
      await phone.host((host) => host.background());
      // Longer than WeChat leaves a socket open in the background. Nothing is drawn there, so the page itself is asked.
      await phone.waitForState(
        ({ phase, connection }) => phase === 'paused' && connection.text === '正在重连',
      );
      await phone.host((host) => host.foreground());
      await phone.find('.record-paused').waitFor();
      await phone.waitForConnection('已连接');
      await phone.button('继续').last().click();
      await phone.find('.record-recording').waitFor();
      const settled = await phone.waitForStored(2);
      expect(settled[0]).toBe(first);
      const transcript = await phone.stop();
      expect(transcript.length).toBeGreaterThanOrEqual(2);
    });

    test('an app closed while the network is gone: the recording is delivered at the next start', async () => {
      const { phone } = current;
      await phone.record();
      await phone.waitForStored(1);
      await phone.waitForLiveText();
      await phone.host((host) => host.setOnline(false));
      await phone.waitForBanner(/已缓存 [2-9] 秒/);
      await phone.tapRecord();
      await phone.button(/稍后再/).click();
      // The next start of the app, on the same phone.
      await phone.useUser('oLocalUserA');
      await phone.waitForBanner(/保存|上传|补传/);
      const titles = await phone.history();
      expect(titles.length).toBeGreaterThan(0);
      expectFromTheStart(await phone.openRecord(0));
    });
  },
);
