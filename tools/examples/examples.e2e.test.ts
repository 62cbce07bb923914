import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readWav, writeWav } from '../../lib/wav.ts';
import { findApp } from '../../local/launch/app-folder.ts';
import type { AppPage } from '../../local/wechat/e2e/app-page.ts';
import { storedSessions } from '../../local/wechat/e2e/seed.ts';
import { SAMPLES, startTestBed, type TestBed } from '../../local/wechat/e2e/test-bed.ts';
import { browserFile } from '../../local/wechat/testing/browser.ts';
import { waitUntil } from '../../local/wechat/testing/wait-until.ts';
import { buildExample } from './build.ts';
import { appDirOf, EXAMPLES } from './examples.ts';
import { installedForTests } from './install.ts';
import { packPackages } from './packages.ts';

// compilers of other projects, on a machine that may be busy
vi.setConfig({ hookTimeout: 400_000 });

const SLOW_MS = 30_000;
const RATE_HZ = 16_000;
/** Spoken one after the other, each with so much silence after it that the recogniser ends its sentence. */
const PHRASES = ['meeting-start', 'phones-silent', 'projector-on'];
const SILENCE_MS = 1_500;
/** Lines of the text; in a component the class has the prefix of its scope. */
const LINES = ':is(.line, [class*="--line"])';

const phrase = (name: string, ending: string): Buffer =>
  readFileSync(join(SAMPLES, 'phrases', name + ending));

/** Writes what is spoken to a file. */
function speechIn(folder: string): { wav: string; sentences: string[] } {
  const silence = new Int16Array((RATE_HZ * SILENCE_MS) / 1000);
  const pieces = PHRASES.flatMap((name) => [silence, readWav(phrase(name, '.wav')).samples]);
  const samples = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  const wav = join(folder, 'speech.wav');
  writeFileSync(wav, writeWav(samples, RATE_HZ));
  return { wav, sentences: PHRASES.map((name) => phrase(name, '.txt').toString('utf8').trim()) };
}

let folder: string;
let packages: string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'examples-'));
  if (browserFile !== undefined) packages = await packPackages();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(EXAMPLES)('$name', (example) => {
  describe.skipIf(browserFile === undefined || !installedForTests(example))(
    'as its own tools build it',
    () => {
      let sentences: string[];
      let testBed: TestBed;
      let appPage: AppPage;
      beforeAll(async () => {
        await buildExample(example, packages);
        const speech = speechIn(folder);
        sentences = speech.sentences;
        const { appDir, ...modules } = findApp(appDirOf(example));
        testBed = await startTestBed(speech, appDir, { ...modules, foreign: true });
        appPage = await testBed.openApp();
      });
      afterAll(() => testBed?.stop());

      const lines = async (): Promise<string[]> =>
        (await appPage.find(LINES).allTextContents()).map((text) => text.trim());
      const shown = (text: string | RegExp): Promise<void> =>
        appPage.app.getByText(text).first().waitFor({ timeout: SLOW_MS });

      test('shows the text while it is spoken, and loses nothing where the network changes, or is gone for a while', async () => {
        await appPage.app.getByText('开始录音', { exact: true }).click();
        await waitUntil(lines, ({ length }) => length > 0, { timeoutMs: SLOW_MS, what: 'text' });
        await appPage.host((host) => host.cutSockets());
        await waitUntil(lines, ({ length }) => length > 1, { timeoutMs: SLOW_MS, what: 'the next sentence' });
        await appPage.loseNetworkUntil(() => shown('正在重连'));
        await waitUntil(lines, (texts) => texts.join() === sentences.join(), {
          timeoutMs: SLOW_MS,
          what: 'all that was spoken',
        });
      });

      test('says that it is saved, and the record has the same text', async () => {
        await appPage.app.getByText('结束', { exact: true }).click();
        await shown(`已保存 ${sentences.length} 句`);
        await expect.poll(lines).toEqual(sentences);
        const [record, ...others] = await storedSessions(testBed.cloud);
        expect(others).toEqual([]);
        expect(record).toMatchObject({ state: 'completed', sentenceCount: sentences.length });
        expect(Object.values(record?.sentences ?? {}).map(({ text }) => text)).toEqual(sentences);
        expect(appPage.errors).toEqual([]);
      });
    },
  );
});
