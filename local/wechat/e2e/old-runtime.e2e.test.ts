import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { OLD_RUNTIME } from '../testing/old-runtime.ts';
import type { AppPage } from './app-page.ts';
import { MEETING, startTestBed, type TestBed } from './test-bed.ts';

describe.skipIf(browserFile === undefined)('on a phone with the minimum base library', () => {
  let testBed: TestBed;
  let appPage: AppPage;

  beforeAll(async () => {
    testBed = await startTestBed();
    appPage = await testBed.openApp('', OLD_RUNTIME);
  });
  afterAll(async () => {
    await testBed?.stop();
  });

  test('the newer functions are gone', async () => {
    const kinds = () => [typeof Object.hasOwn, typeof [].at, typeof ''.replaceAll];
    expect(await appPage.app.evaluate(kinds)).toEqual(['undefined', 'undefined', 'undefined']);
  });

  test('a recording runs, and stop saves it', async () => {
    await appPage.record();
    await appPage.waitForLiveText();
    const stored = await appPage.waitForStored(1);
    expect(stored).toEqual(MEETING.sentences.slice(0, stored.length));
    const transcript = await appPage.stop();
    expect(transcript.length).toBeGreaterThan(0);
    await appPage.waitForRecords(1);
    expect(await appPage.openRecord(0)).toEqual(transcript);
    expect(appPage.errors).toEqual([]);
  });
});
