import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { AppPage } from './app-page.ts';
import { startTestBed, type TestBed } from './test-bed.ts';

/**
 * Starts one test bed for all tests of a `describe`, and opens the app in it for each test. What the page shows is printed
 * when a test fails.
 */
export const useAppPage = (): { testBed: TestBed; appPage: AppPage } => {
  const current = {} as { testBed: TestBed; appPage: AppPage };
  beforeAll(async () => {
    current.testBed = await startTestBed();
  });
  afterAll(async () => {
    await (current as Partial<typeof current>).testBed?.stop();
  });
  beforeEach(async () => {
    current.appPage = await current.testBed.openApp();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.log(await current.appPage.describe());
    await (current as Partial<typeof current>).appPage?.page.context().close();
  });
  return current;
};
