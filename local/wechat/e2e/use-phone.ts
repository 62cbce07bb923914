import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Phone } from './phone.ts';
import { startWorld, type World } from './world.ts';

/** A world for all tests of a `describe`, and in it a phone of its own for each; what a failed test saw is printed. */
export const usePhoneForEachTest = (): { world: World; phone: Phone } => {
  const current = {} as { world: World; phone: Phone };
  beforeAll(async () => {
    current.world = await startWorld();
  });
  afterAll(async () => {
    await (current as Partial<typeof current>).world?.stop();
  });
  beforeEach(async () => {
    current.phone = await current.world.phone();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.log(await current.phone.describe());
    await (current as Partial<typeof current>).phone?.page.context().close();
  });
  return current;
};
