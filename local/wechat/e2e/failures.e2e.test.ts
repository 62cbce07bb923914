import { describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { MEETING } from './test-bed.ts';
import { useAppPage } from './use-app-page.ts';

describe.skipIf(browserFile === undefined)(
  'when something fails, the page shows it and nothing is lost',
  () => {
    const current = useAppPage();

    /** The first sentences as they stand in the sample, however many were recognised. */
    const expectFromTheStart = (transcript: readonly string[]): void => {
      expect(transcript.length).toBeGreaterThan(0);
      expect(transcript.slice(0, -1)).toEqual(MEETING.sentences.slice(0, transcript.length - 1));
    };

    test('a refused microphone: the page shows what to do, and goes on once it is allowed', async () => {
      const { appPage } = current;
      await appPage.host((host) => host.setPermissionAnswer(false));
      await appPage.tapRecord();
      await appPage.waitForBanner('没有麦克风权限');
      await appPage.host((host) => host.setPermissionAnswer(true));
      await appPage.button('去设置').click();
      await appPage.find('.record-recording').waitFor();
      await appPage.waitForStored(1);
      expectFromTheStart(await appPage.stop());
    });

    test('a second tap before the permission dialog is answered changes nothing: allowing it records', async () => {
      const { appPage } = current;
      await appPage.host((host) => {
        delete host.device().scopes['scope.record'];
        host.setPermissionAnswer(undefined);
      });
      await appPage.callPage('tapRecord');
      await appPage.callPage('tapRecord');
      await appPage.button('允许').click();
      await appPage.find('.record-recording').waitFor();
      await appPage.waitForStored(1);
      expectFromTheStart(await appPage.stop());
    });

    test('a recording that is cancelled before it has begun leaves no record and a page that works', async () => {
      const { appPage } = current;
      const before = await appPage.history();
      await appPage.tab('实时');
      await appPage.host((host) => {
        delete host.device().scopes['scope.record'];
        host.setPermissionAnswer(undefined);
      });
      await appPage.tapRecord();
      await appPage.callPage('tapCancel');
      await appPage.button('允许').click();
      await appPage.find('.record-idle').waitFor();
      await appPage.waitForConnection('准备好了');
      await appPage.record();
      await appPage.waitForStored(1);
      await appPage.stop();
      await appPage.waitForRecords(before.length + 1);
    });

    test('a stop while offline says that the network is away, and saves once it is back', async () => {
      const { appPage } = current;
      await appPage.record();
      await appPage.waitForStored(1);
      await appPage.host((host) => host.setOnline(false));
      await appPage.waitForConnection('正在重连');
      await appPage.tapRecord();
      await appPage.waitForBanner(/连接中断.*恢复后.*保存/);
      await expect.poll(() => appPage.find('.banner-place').textContent()).toContain('稍后再传');
      await appPage.waitForConnection('正在重连');
      await appPage.host((host) => host.setOnline(true));
      await appPage.waitForConnection('已保存');
      expectFromTheStart(await appPage.rows());
    });

    test('a refused clipboard or file choice says why, and what else can be done', async () => {
      const { appPage } = current;
      await appPage.record();
      await appPage.waitForStored(1);
      await appPage.stop();
      await appPage.host((host) => host.setPrivacy({ declared: ['Record'] }));
      const dialog = appPage.app.getByRole('dialog').filter({ hasText: '不能' });
      const expectRefusal = async (...texts: string[]): Promise<void> => {
        await dialog.waitFor();
        const shown = (await dialog.textContent()) ?? '';
        for (const text of texts) expect(shown).toContain(text);
        await appPage.button('知道了').click();
      };
      await appPage.button('复制全文').click();
      await expectRefusal('不能复制', '剪切板', '长按');
      await appPage.tab('一句话');
      await appPage.button('选择音频文件').click();
      await expectRefusal('不能选择文件', '选中的文件', '直接说');
      await appPage.history();
      await appPage.openRecord(0);
      await appPage.button('复制').click();
      await appPage.button(/^复制全文$/).click();
      await expectRefusal('不能复制', '剪切板', '导出');
      await appPage.button('导出').click();
      const copy = appPage.button('复制内容');
      await expect.poll(() => copy.getAttribute('class')).not.toContain('disabled');
      await copy.click();
      await expectRefusal('不能复制', '剪切板', '发送文件');
    });

    test('a service that is down at the start: what is spoken meanwhile is kept and recognised', async () => {
      const { appPage, testBed } = current;
      const container = testBed.cloud.process('container-1');
      await container.kill('SIGKILL');
      await appPage.record();
      await appPage.waitForBanner(/已缓存 \d+ 秒/);
      await container.start();
      await appPage.waitForConnection('已连接');
      const [first] = await appPage.waitForStored(1);
      expect(first).toBe(MEETING.sentences[0]);
      expectFromTheStart(await appPage.stop());
    });

    test('a container killed in the middle of a sentence: the sentence comes out whole', async () => {
      const { appPage, testBed } = current;
      await appPage.record();
      await appPage.waitForStored(1);
      await appPage.waitForLiveText();
      const container = testBed.cloud.process('container-1');
      await container.kill('SIGKILL');
      await appPage.waitForBanner(/连接中断/);
      await container.start();
      await appPage.waitForConnection('已连接');
      const settled = await appPage.waitForStored(3);
      expect(settled).toEqual(MEETING.sentences.slice(0, settled.length));
      const transcript = await appPage.stop();
      expectFromTheStart(transcript);
      await appPage.history();
      expect(await appPage.openRecord(0)).toEqual(transcript);
    });

    test('a network that goes and comes back: the banner counts, the text is complete', async () => {
      const { appPage } = current;
      await appPage.record();
      await appPage.waitForStored(1);
      await appPage.host((host) => host.setOnline(false));
      await appPage.waitForBanner(/连接中断，已缓存 [2-9] 秒，恢复后续传/);
      await appPage.host((host) => host.setOnline(true));
      await appPage.waitForConnection('已连接');
      const settled = await appPage.waitForStored(3);
      expect(settled).toEqual(MEETING.sentences.slice(0, settled.length));
      expectFromTheStart(await appPage.stop());
    });

    test('background and return: the recording pauses, and goes on when asked', async () => {
      const { appPage } = current;
      await appPage.record();
      const [first] = await appPage.waitForStored(1);
      await appPage.host((host) => host.background());
      // Longer than WeChat leaves a socket open in the background. Nothing is drawn there, so the page itself is asked.
      await appPage.waitForState(
        ({ phase, connection }) => phase === 'paused' && connection.text === '正在重连',
      );
      await appPage.host((host) => host.foreground());
      await appPage.find('.record-paused').waitFor();
      await appPage.waitForConnection('已连接');
      await appPage.button('继续').last().click();
      await appPage.find('.record-recording').waitFor();
      const settled = await appPage.waitForStored(2);
      expect(settled[0]).toBe(first);
      const transcript = await appPage.stop();
      expect(transcript.length).toBeGreaterThanOrEqual(2);
    });

    test('an app closed while the network is gone: the recording is delivered at the next start', async () => {
      const { appPage } = current;
      await appPage.record();
      await appPage.waitForStored(1);
      await appPage.waitForLiveText();
      await appPage.host((host) => host.setOnline(false));
      await appPage.waitForBanner(/已缓存 [2-9] 秒/);
      await appPage.tapRecord();
      await appPage.button(/稍后再/).click();
      // The next start of the app, on the same phone.
      await appPage.useUser('oLocalUserA');
      await appPage.waitForBanner(/保存|上传|补传/);
      const titles = await appPage.history();
      expect(titles.length).toBeGreaterThan(0);
      expectFromTheStart(await appPage.openRecord(0));
    });
  },
);
