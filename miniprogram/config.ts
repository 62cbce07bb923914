import { DEFAULT_ENGINE, type EngineName } from '../contract/engines.ts';

/** Where the app finds its cloud. The user may change these values on the settings page; {@link DEFAULT_SETTINGS} are for a new install. */
export interface ServiceConfig {
  /** CloudBase environment id; empty: the environment that the WeChat cloud console marks as default. */
  env: string;
  /** Name of the Cloud Run service that `wx.cloud.connectContainer` opens. */
  service: string;
  /** `wss://…` of a filed domain, used where the base library has no `connectContainer`; empty: none. */
  fallbackUrl: string;
}

/** How speech is recognised; read at the start of every recording. */
export interface RecognitionConfig {
  engine: EngineName;
  wordTimes: boolean;
  /** As the user typed them: one word a line, `词|权重`. */
  hotwords: string;
}

/** Sizes of the archive of recordings to choose from, MB. WeChat allows 200 MB for all files of a mini-program. */
export const AUDIO_QUOTAS_MB = [50, 100, 150] as const;

/** Whether recordings stay on this phone, so that they can be heard again. */
export interface AudioConfig {
  /** `unasked`: the user has not decided yet, and none is kept. */
  keepAudio: 'unasked' | 'on' | 'off';
  audioQuotaMb: (typeof AUDIO_QUOTAS_MB)[number];
  /** What is kept is also uploaded to the user's cloud folder, so that another phone of theirs can play it. */
  uploadAudio: boolean;
  /** Not only by Wi-Fi. */
  uploadByMobile: boolean;
}

/** How records are shown. */
export interface ReadingConfig {
  /** Sentences joined into paragraphs. */
  paragraphs: boolean;
}

export type Settings = ServiceConfig & RecognitionConfig & AudioConfig & ReadingConfig;

export const DEFAULT_SETTINGS: Settings = {
  env: '',
  service: 'realtime-voice',
  fallbackUrl: '',
  engine: DEFAULT_ENGINE,
  wordTimes: false,
  hotwords: '',
  keepAudio: 'unasked',
  audioQuotaMb: 100,
  uploadAudio: false,
  uploadByMobile: false,
  paragraphs: false,
};

/** `getApp().globalData`. The local host sets `demo`: the sentences that its demonstration recogniser knows. */
export interface AppGlobals {
  demo?: { phrases: string[] };
}

/** Type of the app instance, for `getApp<AppOptions>()`. */
export interface AppOptions {
  globalData: AppGlobals;
}
