import { engineOf } from '../../contract/engines.ts';
import { DEFAULT_SETTINGS, type Settings } from '../config.ts';

const STORAGE_KEY = 'settings';

/** The part of `wx` that keeps values on the phone. */
export interface Storage {
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, value: unknown): void;
}

/** What was stored, taken over field by field: an older version, or a damaged one, falls back to the defaults. */
export function settingsOf(stored: unknown): Settings {
  const settings = { ...DEFAULT_SETTINGS };
  if (typeof stored !== 'object' || stored === null) return settings;
  const from = stored as Partial<Record<keyof Settings, unknown>>;
  for (const key of ['env', 'service', 'fallbackUrl', 'hotwords'] as const) {
    const value = from[key];
    if (typeof value === 'string') settings[key] = value;
  }
  if (settings.service === '') settings.service = DEFAULT_SETTINGS.service;
  if (typeof from.wordTimes === 'boolean') settings.wordTimes = from.wordTimes;
  if (typeof from.engine === 'string' && engineOf(from.engine) !== undefined) {
    settings.engine = from.engine as Settings['engine'];
  }
  return settings;
}

/** The settings in force. A storage that cannot be read counts as empty. */
export function readSettings(storage: Storage = wx): Settings {
  try {
    return settingsOf(storage.getStorageSync(STORAGE_KEY));
  } catch {
    return { ...DEFAULT_SETTINGS };
  }
}

/** Changes some settings and answers all of them. */
export function writeSettings(patch: Partial<Settings>, storage: Storage = wx): Settings {
  const settings = settingsOf({ ...readSettings(storage), ...patch });
  storage.setStorageSync(STORAGE_KEY, settings);
  return settings;
}
