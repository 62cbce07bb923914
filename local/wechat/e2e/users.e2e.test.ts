import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserFile } from '../testing/browser.ts';
import { startWorld, type World } from './world.ts';

describe.skipIf(browserFile === undefined)('two users', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(async () => {
    await world?.stop();
  });

  test("nobody sees another's records, and each counts alone", async () => {
    const { users } = world.cloud;
    const phone = await world.phone();
    await phone.record();
    await phone.settled(1);
    const said = await phone.stop();
    expect(await phone.history()).toHaveLength(1);

    await phone.useUser(users.B ?? '');
    expect(await phone.history()).toEqual([]);
    expect((await phone.figures('今天')).次数).toBe('0');
    await phone.tab('实时');
    expect(await phone.rows()).toEqual([]);
    await phone.record();
    await phone.settled(2);
    await phone.stop();
    expect(await phone.history()).toHaveLength(1);

    await phone.useUser(users.A ?? '');
    expect(await phone.history()).toHaveLength(1);
    expect(await phone.openRecord(0)).toEqual(said);
    expect(phone.errors).toEqual([]);
  });
});
