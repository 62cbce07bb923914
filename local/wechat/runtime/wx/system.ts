import { api, listeners, type WxContext } from './call.ts';

type W = WechatMiniprogram.Wx;

/** The base library that this host stands for. */
const SDK_VERSION = '3.8.12';
const FRAMED_STATUS_BAR_PX = 44;
const FRAMED_HOME_BAR_PX = 34;
const MENU = { width: 87, height: 32, top: 6, right: 7 } as const;

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

/** What the app may ask about phone, window, theme, network and life cycle. */
export const systemApi = ({ device }: WxContext) => {
  const hide = listeners<() => void>();
  const show = listeners<WechatMiniprogram.OnAppShowCallback>();
  const theme = listeners<WechatMiniprogram.OnThemeChangeCallback>();
  const network = listeners<WechatMiniprogram.OnNetworkStatusChangeCallback>();
  const resize = listeners<WechatMiniprogram.OnWindowResizeCallback>();
  const errors = listeners<WechatMiniprogram.WxOnErrorCallback>();
  const rejections = listeners<WechatMiniprogram.OnUnhandledRejectionCallback>();
  const keyboard = listeners<WechatMiniprogram.OnKeyboardHeightChangeCallback>();
  const launch = {
    path: '',
    query: {},
    scene: 1001,
    referrerInfo: {},
  } as unknown as WechatMiniprogram.LaunchOptionsApp;
  const networkType = (): 'wifi' | 'none' => (device.online ? 'wifi' : 'none');
  const baseInfo = (): WechatMiniprogram.AppBaseInfo =>
    ({
      SDKVersion: SDK_VERSION,
      enableDebug: false,
      fontSizeSetting: 16,
      fontSizeScaleFactor: 1,
      host: { env: 'WeChat', appId: '' },
      language: 'zh_CN',
      version: '8.0.50',
      theme: device.theme,
    }) as unknown as WechatMiniprogram.AppBaseInfo;
  const systemInfo = (): WechatMiniprogram.SystemInfo =>
    ({ ...deviceInfo(), ...windowInfo(), ...baseInfo() }) as unknown as WechatMiniprogram.SystemInfo;

  device.on('hide', () => hide.emit());
  device.on('show', () => show.emit(launch as never));
  device.on('theme', (now) => theme.emit({ theme: now }));
  device.on('network', (isConnected) => network.emit({ isConnected, networkType: networkType() }));
  if (typeof window !== 'undefined') {
    window.addEventListener('resize', () => {
      const { windowWidth, windowHeight } = windowInfo();
      resize.emit({ size: { windowWidth, windowHeight } } as never);
    });
    window.addEventListener('wx-error', (event) =>
      errors.emit(String((event as CustomEvent).detail) as never),
    );
    window.addEventListener('unhandledrejection', ({ reason, promise }) =>
      rejections.emit({ reason, promise } as never),
    );
  }

  return {
    getWindowInfo: windowInfo,
    getDeviceInfo: deviceInfo,
    getAppBaseInfo: baseInfo,
    getSystemInfoSync: systemInfo,
    getSystemInfo: api<WechatMiniprogram.GetSystemInfoOption>('getSystemInfo', () => systemInfo() as never),
    getAppAuthorizeSetting: (): WechatMiniprogram.AppAuthorizeSetting =>
      ({
        microphoneAuthorized: device.scopes['scope.record'] === false ? 'denied' : 'authorized',
      }) as WechatMiniprogram.AppAuthorizeSetting,
    getSystemSetting: (): WechatMiniprogram.SystemSetting =>
      ({
        bluetoothEnabled: false,
        locationEnabled: false,
        wifiEnabled: device.online,
        deviceOrientation: 'portrait',
      }) as WechatMiniprogram.SystemSetting,
    getMenuButtonBoundingClientRect: (): WechatMiniprogram.ClientRect => {
      const right = window.innerWidth - MENU.right;
      const top = statusBarPx() + MENU.top;
      return {
        width: MENU.width,
        height: MENU.height,
        top,
        right,
        bottom: top + MENU.height,
        left: right - MENU.width,
      };
    },
    getAccountInfoSync: (): WechatMiniprogram.AccountInfo => ({
      miniProgram: { appId: 'wx0000000000000000', envVersion: 'develop', version: '' },
      plugin: { appId: '', version: '' },
    }),
    getLaunchOptionsSync: () => launch,
    getEnterOptionsSync: () => launch as never,
    getExtConfigSync: <T>(): T => device.config.extConfig as T,
    canIUse: (): boolean => true,
    nextTick: (callback: (...args: never[]) => unknown): void => queueMicrotask(callback as () => void),
    getNetworkType: api<WechatMiniprogram.GetNetworkTypeOption>(
      'getNetworkType',
      () =>
        ({ networkType: networkType(), signalStrength: 0, hasSystemProxy: false, weakNet: false }) as never,
    ),
    setKeepScreenOn: api<WechatMiniprogram.SetKeepScreenOnOption>('setKeepScreenOn', ({ keepScreenOn }) => {
      document.documentElement.dataset.keepScreenOn = String(keepScreenOn);
    }),
    login: api<WechatMiniprogram.LoginOption>('login', () => ({ code: 'local-login-code' })),
    onAppShow: show.on,
    offAppShow: show.off,
    onAppHide: hide.on,
    offAppHide: hide.off,
    onThemeChange: theme.on,
    offThemeChange: theme.off,
    onNetworkStatusChange: network.on,
    offNetworkStatusChange: network.off,
    onWindowResize: resize.on,
    offWindowResize: resize.off,
    onError: errors.on,
    offError: errors.off,
    onUnhandledRejection: rejections.on,
    offUnhandledRejection: rejections.off,
    onKeyboardHeightChange: keyboard.on,
    offKeyboardHeightChange: keyboard.off,
  } satisfies Partial<W>;
};
