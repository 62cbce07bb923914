import fs from 'node:fs';
import path from 'node:path';

/** Beside app.json: what is to be declared in 「用户隐私保护指引」, in the form of WeChat's `setprivacysetting`. */
export const PRIVACY_FILE = 'privacy.json';

const isEntry = (value: unknown): value is { privacy_key: string; privacy_text: string } => {
  const { privacy_key: key, privacy_text: text } = (value ?? {}) as Record<string, unknown>;
  return typeof key === 'string' && key !== '' && typeof text === 'string' && text !== '';
};

/** What the APIs of this host handle, as a privacy guide names it. */
export const PRIVACY_KEYS = ['Record', 'Clipboard', 'MessageFile'];

/**
 * Keys that a mini-program declares.
 * @param undeclared those of one that has no such file
 * @throws Error on a file of another form: everything would be refused without a visible reason
 */
export const readPrivacyKeys = (appDir: string, undeclared: readonly string[] = []): readonly string[] => {
  const file = path.join(appDir, PRIVACY_FILE);
  if (!fs.existsSync(file)) return undeclared;
  const { setting_list: list } = JSON.parse(fs.readFileSync(file, 'utf8')) as { setting_list?: unknown };
  if (!Array.isArray(list) || !list.every(isEntry))
    throw new Error(`${file}：setting_list 的每一项要有 privacy_key 和 privacy_text`);
  return list.map((entry) => entry.privacy_key);
};
