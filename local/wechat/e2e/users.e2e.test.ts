import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { startTestBed, type TestBed } from './test-bed.ts';

describe.skipIf(browserFile === undefined)('two users', () => {
  let testBed: TestBed;
  beforeAll(async () => {
    testBed = await startTestBed();
  });
  afterAll(async () => {
    await testBed?.stop();
  });

  test("nobody sees another's records, and each counts alone", async () => {
    const { users } = testBed.cloud;
    const appPage = await testBed.openApp();
    await appPage.record();
    await appPage.waitForStored(1);
    const transcript = await appPage.stop();
    await expect.poll(() => appPage.history()).toHaveLength(1);

    await appPage.useUser(users.B ?? '');
    await expect.poll(() => appPage.history()).toEqual([]);
    await expect.poll(async () => (await appPage.figures('今天')).次数).toBe('0');
    await appPage.tab('实时');
    await expect.poll(() => appPage.rows()).toEqual([]);
    await appPage.record();
    await appPage.waitForStored(2);
    await appPage.stop();
    await expect.poll(() => appPage.history()).toHaveLength(1);

    await appPage.useUser(users.A ?? '');
    await expect.poll(() => appPage.history()).toHaveLength(1);
    expect(await appPage.openRecord(0)).toEqual(transcript);
    expect(appPage.errors).toEqual([]);
  });
});
