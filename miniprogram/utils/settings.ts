import { engineOf } from '../../contract/engines.ts';
import { type AppOptions, AUDIO_QUOTAS_MB, DEFAULT_SETTINGS, type Settings } from '../config.ts';

const STORAGE_KEY = 'settings';

/** The functions of `wx` for storage. */
export interface SettingsApi {
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, value: unknown): void;
}

type Fields = Partial<Record<keyof Settings, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? value : {});

/** `base` with every valid field of `from`; invalid ones, of an older version or damaged storage, are ignored. */
function mergeSettings(base: Settings, from: Fields): Settings {
  const settings = { ...base };
  for (const key of ['env', 'service', 'fallbackUrl', 'hotwords'] as const) {
    const value = from[key];
    if (typeof value === 'string') settings[key] = value;
  }
  if (settings.service === '') settings.service = base.service;
  for (const key of ['wordTimes', 'paragraphs', 'uploadAudio', 'uploadByMobile'] as const) {
    const value = from[key];
    if (typeof value === 'boolean') settings[key] = value;
  }
  if (typeof from.engine === 'string' && engineOf(from.engine) !== undefined) {
    settings.engine = from.engine as Settings['engine'];
  }
  if (from.keepAudio === 'on' || from.keepAudio === 'off') settings.keepAudio = from.keepAudio;
  settings.audioQuotaMb = AUDIO_QUOTAS_MB.find((mb) => mb === from.audioQuotaMb) ?? settings.audioQuotaMb;
  return settings;
}

/** Undefined where the phone's storage throws. */
function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

const storedFields = (api: SettingsApi): Fields => fieldsOf(attempt(() => api.getStorageSync(STORAGE_KEY)));

/** Most bytes of recordings that stay on this phone; 0: none. */
export function audioQuotaBytes({ keepAudio, audioQuotaMb }: Settings): number {
  return keepAudio === 'on' ? audioQuotaMb * 1024 * 1024 : 0;
}

/** Whether recordings are uploaded over a network of this type, as `wx.getNetworkType` names it. */
export const uploadsOver = (
  { keepAudio, uploadAudio, uploadByMobile }: Settings,
  networkType: string,
): boolean =>
  keepAudio === 'on' && uploadAudio && (networkType === 'wifi' || (uploadByMobile && networkType !== 'none'));

/** The present settings: what the user has chosen, else the defaults. */
export const readSettings = (api: SettingsApi = wx): Settings =>
  mergeSettings(DEFAULT_SETTINGS, storedFields(api));

/** Changes some settings. Only changed ones are stored, so a new version may change the defaults. @returns all settings */
export function writeSettings(patch: Partial<Settings>, api: SettingsApi = wx): Settings {
  attempt(() => api.setStorageSync(STORAGE_KEY, { ...storedFields(api), ...patch }));
  return readSettings(api);
}

/** Sentences that the local demonstration recogniser knows; empty where speech is really recognised. */
export const demoPhrases = (): string[] => getApp<AppOptions>().globalData.demo?.phrases ?? [];
