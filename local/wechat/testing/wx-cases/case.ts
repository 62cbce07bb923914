import type { Frame, Page } from 'playwright-core';
import type { HostControls } from '../../runtime/frame/controls.ts';
import type { FakeCloud } from '../fake-cloud.ts';

/** What a case about one method of the shim works with. */
export interface CaseContext {
  app: Frame;
  page: Page;
  cloud: FakeCloud;
  /** Does something to the simulated controls. */
  host<T>(act: (host: HostControls) => T): Promise<T>;
}

/** A case for every member of the shim, by its name (`cloud.init`), or by several names that one case covers. */
export type Cases = Record<string, (context: CaseContext) => Promise<void>>;

/** Runs functions of a test in the host's page, on the controls of its frame. */
export const hostControls = (page: Page): CaseContext['host'] =>
  (async (act: (host: HostControls) => unknown) => {
    const handle = await page.evaluateHandle(
      () => (globalThis as unknown as { __host: HostControls }).__host,
    );
    return handle.evaluate(act);
  }) as CaseContext['host'];
