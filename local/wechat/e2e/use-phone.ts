import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Phone } from './phone.ts';
import { startTestBed, type TestBed } from './test-bed.ts';

/**
 * Starts one test bed for all tests of a `describe`, and in it a phone for each test. What the page shows is printed
 * when a test fails.
 */
export const usePhoneForEachTest = (): { testBed: TestBed; phone: Phone } => {
  const current = {} as { testBed: TestBed; phone: Phone };
  beforeAll(async () => {
    current.testBed = await startTestBed();
  });
  afterAll(async () => {
    await (current as Partial<typeof current>).testBed?.stop();
  });
  beforeEach(async () => {
    current.phone = await current.testBed.phone();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.log(await current.phone.describe());
    await (current as Partial<typeof current>).phone?.page.context().close();
  });
  return current;
};
