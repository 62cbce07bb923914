import { beforeEach, describe, expect, test } from 'vitest';
import { loadBrowserRuntime } from './browser-runtime.ts';
import { browserFile } from './testing/browser.ts';
import { useFixtureApp } from './testing/fixture-app.ts';
import { audioCases } from './testing/wx-cases/audio.ts';
import { hostControls } from './testing/wx-cases/case.ts';
import { interfaceCases } from './testing/wx-cases/interface.ts';
import { navigationCases } from './testing/wx-cases/navigation.ts';
import { networkCases } from './testing/wx-cases/network.ts';
import { systemCases } from './testing/wx-cases/system.ts';

const cases = { ...navigationCases, ...interfaceCases, ...systemCases, ...networkCases, ...audioCases };

test('every member of the shim has a case of its own', async () => {
  const { wxMembers } = await loadBrowserRuntime();
  expect(
    Object.keys(cases)
      .flatMap((names) => names.split(' '))
      .sort(),
  ).toEqual([...wxMembers].sort());
});

describe.skipIf(browserFile === undefined)('the shim behaves as wx does', () => {
  const fixture = useFixtureApp({ users: [{ openid: 'user-a', name: '甲' }] });

  beforeEach(async () => {
    await fixture.opened.app.evaluate(() => wx.switchTab({ url: '/pages/home/home' }));
  });

  test.each(Object.entries(cases))('wx.%s', async (_name, check) => {
    const { app, page } = fixture.opened;
    await check({ app, page, cloud: fixture.cloud, host: hostControls(page) });
  });
});
