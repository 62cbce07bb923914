import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildClient } from '../../../compile/client.ts';
import { browserFile } from '../testing/browser.ts';
import { waitUntil } from '../testing/wait-until.ts';
import type { AppPage } from './app-page.ts';
import { MEETING, startTestBed, type TestBed } from './test-bed.ts';

const SLOW_MS = 30_000;

describe.skipIf(browserFile === undefined)(
  'the example page, copied with its one file into an empty mini-program',
  () => {
    let folder: string;
    let testBed: TestBed;
    let appPage: AppPage;

    beforeAll(async () => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'example-app-'));
      const outDir = path.join(folder, 'client');
      await buildClient({ outDir, packageDir: path.join(folder, 'npm') });
      const appDir = path.join(outDir, 'example');
      const [page] = fs.readdirSync(path.join(appDir, 'pages'));
      fs.writeFileSync(path.join(appDir, 'app.json'), JSON.stringify({ pages: [`pages/${page}/${page}`] }));
      fs.writeFileSync(path.join(appDir, 'app.js'), 'App({});');
      const declared = { setting_list: [{ privacy_key: 'Record', privacy_text: '识别你说的话' }] };
      fs.writeFileSync(path.join(appDir, 'privacy.json'), JSON.stringify(declared));
      testBed = await startTestBed(MEETING, appDir);
      appPage = await testBed.openApp();
    });
    afterAll(async () => {
      await testBed?.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    const finals = (): Promise<string[]> => appPage.find('.line:not(.interim)').allTextContents();
    const atLeast = (count: number): Promise<string[]> =>
      waitUntil(finals, ({ length }) => length >= count, { timeoutMs: SLOW_MS, what: `${count} sentences` });
    const state = (text: string): Promise<unknown> =>
      appPage.find('.state').getByText(text).waitFor({ timeout: SLOW_MS });

    test('start, speak: text appears as it is spoken', async () => {
      await appPage.button('开始').click();
      await state('已连接');
      const transcript = await atLeast(1);
      expect(transcript).toEqual(MEETING.sentences.slice(0, transcript.length));
    });

    test('a network that changes on the way, and one that is gone for a while, lose nothing', async () => {
      await appPage.host((host) => host.cutSockets());
      await atLeast(2);
      await appPage.loseNetworkUntil(() => state('正在重连'));
      await state('已连接');
      const transcript = await atLeast(3);
      expect(transcript).toEqual(MEETING.sentences.slice(0, transcript.length));
    });

    test('stop saves it; history and statistics show it', async () => {
      await appPage.button('停止').click();
      await state('已保存');
      await appPage.button('统计').click();
      await appPage.find('.card').getByText('共 1 次').waitFor();
      await appPage.button('历史').click();
      await appPage
        .find('.card')
        .getByText(MEETING.sentences[0] ?? '')
        .first()
        .waitFor();
      expect(appPage.errors).toEqual([]);
    });
  },
);
