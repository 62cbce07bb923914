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
    const phone = await testBed.phone();
    await phone.record();
    await phone.waitForStored(1);
    const transcript = await phone.stop();
    expect(await phone.history()).toHaveLength(1);

    await phone.useUser(users.B ?? '');
    expect(await phone.history()).toEqual([]);
    expect((await phone.figures('今天')).次数).toBe('0');
    await phone.tab('实时');
    expect(await phone.rows()).toEqual([]);
    await phone.record();
    await phone.waitForStored(2);
    await phone.stop();
    expect(await phone.history()).toHaveLength(1);

    await phone.useUser(users.A ?? '');
    expect(await phone.history()).toHaveLength(1);
    expect(await phone.openRecord(0)).toEqual(transcript);
    expect(phone.errors).toEqual([]);
  });
});
