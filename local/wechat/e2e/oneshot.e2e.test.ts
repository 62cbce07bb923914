import type { Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import type { AppPage } from './app-page.ts';
import { MEETING, startTestBed, type TestBed } from './test-bed.ts';

const FINISHED = { timeout: 60_000 };
/** The most that goes along with a call, in characters of JSON: 64 KB of Base64 and what is around it. */
const CALL_CHARS = 66_000;

describe.skipIf(browserFile === undefined)('a one-shot recording that is not small', () => {
  let testBed: TestBed;
  let appPage: AppPage;
  beforeAll(async () => {
    testBed = await startTestBed();
    appPage = await testBed.openApp();
  });
  afterAll(async () => {
    await testBed?.stop();
  });

  const gateway = (path: string, method = 'GET', body?: object): Promise<Response> =>
    fetch(`${testBed.cloud.urls.gateway}/_local/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });

  test('is uploaded, shown as failed where it failed, and recognised at another try under the same id', async () => {
    const posted: Request[] = [];
    appPage.page.on('request', (request) => void (request.method() === 'POST' && posted.push(request)));
    const to = (path: string) => posted.filter((request) => new URL(request.url()).pathname.startsWith(path));
    await appPage.tab('一句话');
    await gateway('faults', 'POST', { rules: [{ match: 'storage.put', effect: 'error', times: 2 }] });

    const chooser = appPage.page.waitForEvent('filechooser');
    await appPage.button('选择音频文件').click();
    await (await chooser).setFiles(MEETING.wav);
    await appPage.waitForBanner('上传失败');
    await appPage.button('重试').click();
    await appPage.find('.result-text').waitFor(FINISHED);
    await expect.poll(() => appPage.find('.result-text').textContent()).toContain(MEETING.sentences[0]);

    const places = to('/_host/upload').map((request) => new URL(request.url()).searchParams.get('path'));
    expect(places).toHaveLength(3);
    expect(new Set(places).size).toBe(1);
    expect(places[0]).toMatch(new RegExp(`^voice/${testBed.cloud.users.A}/[A-Za-z0-9]+\\.wav$`));
    for (const call of to('/_host/call/recognize')) {
      expect(call.postData()?.length ?? 0).toBeLessThan(CALL_CHARS);
    }
    const sessions = (await (await gateway('dump/voice_sessions')).json()) as { state: string }[];
    expect(sessions).toMatchObject([{ source: 'oneshot', state: 'completed' }]);
  });
});
