import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PRIVACY_FILE, readPrivacyKeys } from './privacy.ts';

const MINIPROGRAM = fileURLToPath(new URL('../../../miniprogram/', import.meta.url));

/** APIs of `wx` that handle personal data, by what must be declared for them. */
const PRIVACY_APIS: Record<string, string> = {
  getRecorderManager: 'Record',
  setClipboardData: 'Clipboard',
  getClipboardData: 'Clipboard',
  chooseMessageFile: 'MessageFile',
  chooseMedia: 'Album',
  chooseImage: 'Album',
  getLocation: 'Location',
};

const sources = (): string[] =>
  fs
    .readdirSync(MINIPROGRAM, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.(ts|js|wxml)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !/\/(dist|testing|node_modules)\//.test(file))
    .map((file) => fs.readFileSync(file, 'utf8'));

test('the mini-program declares every personal data that its source handles, and no other', () => {
  const text = sources().join('\n');
  const needed = Object.entries(PRIVACY_APIS).filter(([api]) => text.includes(`wx.${api}(`));
  expect(new Set(readPrivacyKeys(MINIPROGRAM))).toEqual(new Set(needed.map(([, key]) => key)));
});

test('a mini-program without a declaration declares nothing, one of another form is named', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'privacy-'));
  try {
    expect(readPrivacyKeys(folder)).toEqual([]);
    fs.writeFileSync(path.join(folder, PRIVACY_FILE), '{"setting_list":[{"privacy_key":"Record"}]}');
    expect(() => readPrivacyKeys(folder)).toThrow('privacy_text');
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
