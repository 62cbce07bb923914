import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { chromiumFlags, chromiumForTests, findChromium } from './chromium.ts';

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'chromium-'));
  for (const name of ['CHROME_PATH', 'PLAYWRIGHT_BROWSERS_PATH', 'REQUIRE_BROWSER']) vi.stubEnv(name, '');
  vi.stubEnv('PATH', path.join(folder, 'bin'));
  // a worker thread's `HOME` is not the process's
  vi.spyOn(os, 'homedir').mockReturnValue(folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

const executable = (...parts: string[]): string => {
  const file = path.join(folder, ...parts);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, '', { mode: 0o755 });
  return file;
};

test('CHROME_PATH comes before PATH, and PATH before a cache', () => {
  const cached = executable('.cache/ms-playwright/chromium-1200/chrome-linux/chrome');
  expect(findChromium().file).toBe(cached);
  const listed = executable('bin', 'chromium-browser');
  expect(findChromium().file).toBe(listed);
  const named = executable('mine');
  vi.stubEnv('CHROME_PATH', named);
  expect(findChromium().file).toBe(named);
});

test('the newest of the cached ones is taken', () => {
  executable('.cache/ms-playwright/chromium-1100/chrome-linux/chrome');
  const newer = executable('.cache/ms-playwright/chromium-1200/chrome-linux64/chrome');
  expect(findChromium().file).toBe(newer);
});

test('a CHROME_PATH that leads nowhere is said, not silently replaced', () => {
  executable('bin', 'chromium');
  vi.stubEnv('CHROME_PATH', path.join(folder, 'none'));
  expect(findChromium()).toMatchObject({ file: undefined, found: expect.stringContaining('none') });
});

test('without a browser tests are skipped with a word, and fail where one is required', () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  expect(chromiumForTests()).toBeUndefined();
  expect(warned).toHaveBeenCalledWith(expect.stringContaining('CHROME_PATH'));
  vi.stubEnv('REQUIRE_BROWSER', '1');
  expect(() => chromiumForTests()).toThrow('没有找到 Chromium');
});

test('the microphone plays a file once', () => {
  expect(chromiumFlags('/a.wav')).toContain('--use-file-for-fake-audio-capture=/a.wav%noloop');
  expect(chromiumFlags().some((flag) => flag.includes('file-for-fake'))).toBe(false);
});
