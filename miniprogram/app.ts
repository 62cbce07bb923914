import type { AppGlobals } from './config.ts';

/** What is asked of the app instance: `getApp<AppOptions>()`. */
export interface AppOptions {
  globalData: AppGlobals;
}

App<AppOptions>({ globalData: {} });
