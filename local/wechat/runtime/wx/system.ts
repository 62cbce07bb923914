import type { Device } from '../device.ts';
import { asyncApi, createListeners, type WxContext } from './call.ts';

type W = WechatMiniprogram.Wx;

/** The base library whose behaviour this host reproduces. */
const SDK_VERSION = '3.8.12';
/** Size of text unless the user changes it, as on Android. */
const USUAL_TEXT_PX = 16;
const FRAMED_STATUS_BAR_PX = 44;
const FRAMED_HOME_BAR_PX = 34;
/** WeChat's capsule button at the upper right, in px. */
const MENU_PX = { width: 87, height: 32, top: 6, right: 7 } as const;

/** Whether the app is shown in the frame of a phone, with a status bar of its own. */
const framed = (): boolean => document.documentElement.dataset.framed !== undefined;

const statusBarPx = (): number => (framed() ? FRAMED_STATUS_BAR_PX : 0);

const windowInfo = (): WechatMiniprogram.WindowInfo => {
  const { innerWidth: width, innerHeight: height, devicePixelRatio } = window;
  const page = document.getElementById('wx-pages')?.getBoundingClientRect();
  const bottom = height - (framed() ? FRAMED_HOME_BAR_PX : 0);
  return {
    pixelRatio: devicePixelRatio,
    screenWidth: width,
    screenHeight: height,
    windowWidth: width,
    windowHeight: page?.height ?? height,
    screenTop: page?.top ?? 0,
    statusBarHeight: statusBarPx(),
    safeArea: { left: 0, right: width, top: statusBarPx(), bottom, width, height: bottom - statusBarPx() },
  } as WechatMiniprogram.WindowInfo;
};

const deviceInfo = (): WechatMiniprogram.DeviceInfo =>
  ({
    abi: '',
    benchmarkLevel: -1,
    brand: 'devtools',
    model: 'browser',
    system: 'browser',
    platform: 'devtools',
    cpuType: '',
    memorySize: '0',
    deviceAbi: '',
  }) as unknown as WechatMiniprogram.DeviceInfo;

const appBaseInfo = (device: Device): WechatMiniprogram.AppBaseInfo =>
  ({
    SDKVersion: SDK_VERSION,
    enableDebug: false,
    fontSizeSetting: USUAL_TEXT_PX * device.textScale,
    fontSizeScaleFactor: device.textScale,
    host: { env: 'WeChat', appId: '' },
    language: 'zh_CN',
    version: '8.0.50',
    theme: device.theme,
  }) as unknown as WechatMiniprogram.AppBaseInfo;

const menuButton = (): WechatMiniprogram.ClientRect => {
  const right = window.innerWidth - MENU_PX.right;
  const top = statusBarPx() + MENU_PX.top;
  const { width, height } = MENU_PX;
  return { width, height, top, right, bottom: top + height, left: right - width };
};

const networkTypeOf = (device: Device): 'wifi' | 'none' => (device.online ? 'wifi' : 'none');

/** What the app may ask about phone, window, theme and network. */
const infoApi = (device: Device) =>
  ({
    getWindowInfo: windowInfo,
    getDeviceInfo: deviceInfo,
    getAppBaseInfo: () => appBaseInfo(device),
    getSystemInfoSync: () =>
      ({
        ...deviceInfo(),
        ...windowInfo(),
        ...appBaseInfo(device),
      }) as unknown as WechatMiniprogram.SystemInfo,
    getMenuButtonBoundingClientRect: menuButton,
    getNetworkType: asyncApi<WechatMiniprogram.GetNetworkTypeOption>(
      'getNetworkType',
      () =>
        ({
          networkType: networkTypeOf(device),
          signalStrength: 0,
          hasSystemProxy: false,
          weakNet: false,
        }) as never,
    ),
  }) satisfies Partial<W>;

/** Life cycle of the app, theme and network: `wx.on…` and `wx.off…`. */
const eventsApi = (device: Device) => {
  const hide = createListeners<() => void>();
  const show = createListeners<WechatMiniprogram.OnAppShowCallback>();
  const theme = createListeners<WechatMiniprogram.OnThemeChangeCallback>();
  const network = createListeners<WechatMiniprogram.OnNetworkStatusChangeCallback>();
  device.on('hide', () => hide.emit());
  device.on('show', () => show.emit({ path: '', query: {}, scene: 1001, referrerInfo: {} } as never));
  device.on('theme', (now) => theme.emit({ theme: now }));
  device.on('network', (isConnected) => network.emit({ isConnected, networkType: networkTypeOf(device) }));
  return {
    onAppShow: show.on,
    offAppShow: show.off,
    onAppHide: hide.on,
    offAppHide: hide.off,
    onThemeChange: theme.on,
    offThemeChange: theme.off,
    onNetworkStatusChange: network.on,
    offNetworkStatusChange: network.off,
  } satisfies Partial<W>;
};

export const systemApi = ({ device, pages }: WxContext) =>
  ({
    ...infoApi(device),
    ...eventsApi(device),
    getLaunchOptionsSync: () => pages().launchOptions(),
    nextTick: (callback: (...args: never[]) => unknown): void => queueMicrotask(callback as () => void),
    /** Says so in the document instead of vibrating. */
    vibrateShort: asyncApi<WechatMiniprogram.VibrateShortOption>('vibrateShort', ({ type }) => {
      if (!['heavy', 'medium', 'light'].includes(type)) throw new Error('style is not support');
      document.documentElement.dataset.vibrated = type;
    }),
    /** `applyUpdate` starts the app anew. */
    getUpdateManager: () =>
      ({
        onUpdateReady: (ready) => device.on('update', () => ready({} as never)),
        onUpdateFailed: () => undefined,
        onCheckForUpdate: () => undefined,
        applyUpdate: () => location.reload(),
      }) satisfies WechatMiniprogram.UpdateManager,
    setKeepScreenOn: asyncApi<WechatMiniprogram.SetKeepScreenOnOption>(
      'setKeepScreenOn',
      ({ keepScreenOn }) => {
        document.documentElement.dataset.keepScreenOn = String(keepScreenOn);
      },
    ),
  }) satisfies Partial<W>;
