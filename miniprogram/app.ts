import type { AppGlobals } from './config.ts';

/** Type of the app instance, for `getApp<AppOptions>()`. */
export interface AppOptions {
  globalData: AppGlobals;
}

App<AppOptions>({ globalData: {} });
