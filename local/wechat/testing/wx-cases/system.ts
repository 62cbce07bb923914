import { expect } from 'vitest';
import type { CaseContext, Cases } from './case.ts';

type Pair = 'AppShow' | 'AppHide' | 'ThemeChange' | 'NetworkStatusChange';

/** Counts the calls of a listener during `act`: first added with `wx.on…`, then removed with `wx.off…`. */
const countCalls = async (
  { app }: CaseContext,
  name: Pair,
  act: () => Promise<unknown>,
): Promise<[number, number]> => {
  const count = (): Promise<number> => app.evaluate(() => (globalThis as unknown as { calls: number }).calls);
  await app.evaluate((event) => {
    const scope = globalThis as unknown as { calls: number; listener: () => void };
    const methods = wx as unknown as Record<string, (listener: () => void) => void>;
    scope.calls = 0;
    scope.listener = () => {
      scope.calls += 1;
    };
    methods[`on${event}`]?.(scope.listener);
  }, name);
  await act();
  const first = await count();
  await app.evaluate((event) => {
    const methods = wx as unknown as Record<string, (listener: () => void) => void>;
    methods[`off${event}`]?.((globalThis as unknown as { listener: () => void }).listener);
  }, name);
  await act();
  return [first, (await count()) - first];
};

const pair = (name: Pair, act: (context: CaseContext) => Promise<unknown>): Cases => ({
  [`on${name} off${name}`]: async (context) =>
    expect(await countCalls(context, name, () => act(context))).toEqual([1, 0]),
});

export const systemCases: Cases = {
  'getWindowInfo getSystemInfoSync': async ({ app }) => {
    const { info, all } = await app.evaluate(() => ({
      info: wx.getWindowInfo(),
      all: wx.getSystemInfoSync(),
    }));
    expect(info).toMatchObject({ windowWidth: 390, screenHeight: 844, screenTop: 44, statusBarHeight: 0 });
    expect(info.windowHeight).toBeLessThan(844 - 44);
    expect(all).toMatchObject({ SDKVersion: '3.8.12', windowWidth: 390 });
  },
  getLaunchOptionsSync: async ({ app }) =>
    expect(await app.evaluate(() => wx.getLaunchOptionsSync())).toMatchObject({
      path: 'pages/home/home',
      query: {},
      scene: 1001,
    }),
  getDeviceInfo: async ({ app }) =>
    expect(await app.evaluate(() => wx.getDeviceInfo().platform)).toBe('devtools'),
  getAppBaseInfo: async ({ app, host }) => {
    expect(await app.evaluate(() => wx.getAppBaseInfo().theme)).toBe('light');
    await host((controls) => controls.setTheme('dark'));
    expect(await app.evaluate(() => wx.getAppBaseInfo().theme)).toBe('dark');
    await host((controls) => {
      controls.setTheme('light');
      controls.device().textScale = 1.25;
    });
    const larger = { fontSizeSetting: 20, fontSizeScaleFactor: 1.25 };
    expect(await app.evaluate(() => wx.getAppBaseInfo())).toMatchObject(larger);
    await host((controls) => {
      controls.device().textScale = 1;
    });
  },
  getMenuButtonBoundingClientRect: async ({ app }) =>
    expect(await app.evaluate(() => wx.getMenuButtonBoundingClientRect())).toMatchObject({
      width: 87,
      right: 383,
    }),
  nextTick: async ({ app }) =>
    expect(
      await app.evaluate(
        () =>
          new Promise<string[]>((resolve) => {
            const order: string[] = [];
            wx.nextTick(() => resolve([...order, 'tick']));
            order.push('now');
          }),
      ),
    ).toEqual(['now', 'tick']),
  getNetworkType: async ({ app, host }) => {
    await host((controls) => controls.setOnline(false));
    expect(await app.evaluate(async () => (await wx.getNetworkType()).networkType)).toBe('none');
    await host((controls) => controls.setOnline(true));
    expect(await app.evaluate(async () => (await wx.getNetworkType()).networkType)).toBe('wifi');
  },
  vibrateShort: async ({ app }) => {
    await app.evaluate(() => wx.vibrateShort({ type: 'light' }));
    expect(await app.evaluate(() => document.documentElement.dataset.vibrated)).toBe('light');
    const refused = app.evaluate(() =>
      wx.vibrateShort({ type: 'strong' as never }).catch(({ errMsg }: { errMsg: string }) => errMsg),
    );
    expect(await refused).toBe('vibrateShort:fail style is not support');
  },
  getUpdateManager: async ({ app, host }) => {
    await app.evaluate(() => {
      const scope = globalThis as unknown as { ready: boolean };
      scope.ready = false;
      wx.getUpdateManager().onUpdateReady(() => {
        scope.ready = true;
      });
    });
    await host((controls) => controls.device().updateReady());
    expect(await app.evaluate(() => (globalThis as unknown as { ready: boolean }).ready)).toBe(true);
  },
  setKeepScreenOn: async ({ app }) => {
    await app.evaluate(() => wx.setKeepScreenOn({ keepScreenOn: true }));
    expect(await app.evaluate(() => document.documentElement.dataset.keepScreenOn)).toBe('true');
  },
  ...pair('AppShow', ({ host }) =>
    host((controls) => {
      controls.background();
      controls.foreground();
    }),
  ),
  ...pair('AppHide', ({ host }) =>
    host((controls) => {
      controls.background();
      controls.foreground();
    }),
  ),
  'onThemeChange offThemeChange': async (context) => {
    let theme: 'dark' | 'light' = 'light';
    const toggle = (): Promise<unknown> => {
      theme = theme === 'light' ? 'dark' : 'light';
      return theme === 'dark'
        ? context.host((controls) => controls.setTheme('dark'))
        : context.host((controls) => controls.setTheme('light'));
    };
    expect(await countCalls(context, 'ThemeChange', toggle)).toEqual([1, 0]);
  },
  'onNetworkStatusChange offNetworkStatusChange': async (context) => {
    const offAndOn = (): Promise<unknown> =>
      context.host((controls) => {
        controls.setOnline(false);
        controls.setOnline(true);
      });
    expect(await countCalls(context, 'NetworkStatusChange', offAndOn)).toEqual([2, 0]);
  },
  getSetting: async ({ app, host }) => {
    await host((controls) => {
      delete controls.device().scopes['scope.record'];
    });
    expect(await app.evaluate(async () => (await wx.getSetting()).authSetting)).toEqual({});
  },
  authorize: async ({ app, host }) => {
    const ask = (): Promise<string> =>
      app.evaluate(() =>
        wx.authorize({ scope: 'scope.record' }).then(
          ({ errMsg }) => errMsg,
          (error) => error.errMsg,
        ),
      );
    await host((controls) => {
      delete controls.device().scopes['scope.record'];
      controls.setPermissionAnswer(false);
    });
    expect(await ask()).toBe('authorize:fail auth deny');
    await host((controls) => controls.setPermissionAnswer(true));
    // No second dialog after a refusal.
    expect(await ask()).toBe('authorize:fail auth deny');
    await host((controls) => controls.setPrivacy({ declared: [] }));
    expect(await ask()).toBe('authorize:fail api scope is not declared in the privacy agreement');
    await host((controls) => controls.setPrivacy({ declared: ['Record', 'Clipboard', 'MessageFile'] }));
  },
  openSetting: async ({ app, host }) => {
    await host((controls) => controls.setPermissionAnswer(undefined));
    const answer = app.evaluate(async () => (await wx.openSetting()).authSetting);
    await app.getByRole('button', { name: '允许', exact: true }).click();
    expect(await answer).toEqual({ 'scope.record': true });
    await host((controls) => controls.setPermissionAnswer(true));
  },
  getPrivacySetting: async ({ app, host }) => {
    await host((controls) => {
      controls.setPrivacy({ agreed: false });
      controls.device().scopes['scope.record'] = true;
    });
    const needed = (): Promise<boolean> =>
      app.evaluate(
        () =>
          new Promise((resolve) => {
            wx.getPrivacySetting({ success: ({ needAuthorization }) => resolve(needAuthorization) });
          }),
      );
    const authorize = (): Promise<string> =>
      app.evaluate(
        () =>
          new Promise((resolve) => {
            wx.authorize({ scope: 'scope.record', complete: ({ errMsg }) => resolve(errMsg) });
          }),
      );
    expect(await needed()).toBe(true);
    const refused = authorize();
    await app.getByRole('button', { name: '拒绝' }).click();
    expect(await refused).toContain('privacy permission is not authorized');
    const agreed = authorize();
    await app.getByRole('button', { name: '同意' }).click();
    expect(await agreed).toBe('authorize:ok');
    expect(await needed()).toBe(false);
  },
  openPrivacyContract: async ({ app }) => {
    const closed = app.evaluate(
      () =>
        new Promise((resolve) => {
          wx.openPrivacyContract({ complete: resolve });
        }),
    );
    await app.getByRole('button', { name: '知道了' }).click();
    expect(await closed).toEqual({ errMsg: 'openPrivacyContract:ok' });
  },
};
