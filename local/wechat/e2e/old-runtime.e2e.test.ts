import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { OLD_RUNTIME } from '../testing/old-runtime.ts';
import type { Phone } from './phone.ts';
import { MEETING, startTestBed, type TestBed } from './test-bed.ts';

describe.skipIf(browserFile === undefined)('on a phone with the minimum base library', () => {
  let testBed: TestBed;
  let phone: Phone;

  beforeAll(async () => {
    testBed = await startTestBed();
    phone = await testBed.phone('', OLD_RUNTIME);
  });
  afterAll(async () => {
    await testBed?.stop();
  });

  test('the newer functions are gone', async () => {
    const kinds = () => [typeof Object.hasOwn, typeof [].at, typeof ''.replaceAll];
    expect(await phone.app.evaluate(kinds)).toEqual(['undefined', 'undefined', 'undefined']);
  });

  test('a recording runs, and stop saves it', async () => {
    await phone.record();
    await phone.waitForLiveText();
    const stored = await phone.waitForStored(1);
    expect(stored).toEqual(MEETING.sentences.slice(0, stored.length));
    const transcript = await phone.stop();
    expect(transcript.length).toBeGreaterThan(0);
    expect(await phone.history()).toHaveLength(1);
    expect(await phone.openRecord(0)).toEqual(transcript);
    expect(phone.errors).toEqual([]);
  });
});
