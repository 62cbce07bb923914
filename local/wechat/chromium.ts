import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Names under which distributions install it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Where a Chromium was found, or why there is none; `found` says how, for people. */
export type ChromiumSearch = { file: string; found: string } | { file: undefined; found: string };

const isExecutable = (file: string): boolean => {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
};

const onPath = (env: NodeJS.ProcessEnv): string | undefined => {
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find(isExecutable);
};

/** Browsers that Playwright downloaded for another project on this machine. */
const inPlaywrightCache = (env: NodeJS.ProcessEnv): string | undefined => {
  const roots = [
    env.PLAYWRIGHT_BROWSERS_PATH ?? '',
    path.join(os.homedir(), '.cache', 'ms-playwright'),
    path.join(os.homedir(), 'Library', 'Caches', 'ms-playwright'),
  ];
  const inside = [
    'chrome-linux/chrome',
    'chrome-linux64/chrome',
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
  ];
  for (const root of roots.filter((folder) => folder !== '' && fs.existsSync(folder)))
    for (const name of fs.readdirSync(root).sort().reverse()) {
      if (!/^chromium-\d+$/.test(name)) continue;
      const file = inside.map((below) => path.join(root, name, below)).find(isExecutable);
      if (file !== undefined) return file;
    }
  return undefined;
};

/** `CHROME_PATH`, then `PATH`, then Playwright's cache. Installs nothing: `.ci/run` does. */
export const findChromium = (env: NodeJS.ProcessEnv = process.env): ChromiumSearch => {
  const named = env.CHROME_PATH;
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return { file: named, found: `CHROME_PATH=${named}` };
    return { file: undefined, found: `CHROME_PATH=${named} 不是可执行文件` };
  }
  const listed = onPath(env);
  if (listed !== undefined) return { file: listed, found: `在 PATH 中找到 ${listed}` };
  const cached = inPlaywrightCache(env);
  if (cached !== undefined) return { file: cached, found: `使用 Playwright 的 ${cached}` };
  return {
    file: undefined,
    found:
      '没有找到 Chromium：请安装 chromium 或 google-chrome（Debian：apt-get install chromium fonts-noto-cjk），或用 CHROME_PATH 指明它的位置',
  };
};

/**
 * For tests that need a browser: its file, or undefined when they must be skipped.
 * @throws where `REQUIRE_BROWSER=1` and there is none, so that a machine meant to run them cannot skip silently.
 */
export const chromiumForTests = (): string | undefined => {
  const { file, found } = findChromium();
  if (file !== undefined) return file;
  if (process.env.REQUIRE_BROWSER === '1') throw new Error(found);
  console.warn(`跳过浏览器测试。${found}`);
  return undefined;
};

/** Flags for a headless browser that talks to this machine only. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--autoplay-policy=no-user-gesture-required',
];

/**
 * Launch flags for tests. Without a WAV the microphone gives Chromium's beeping test tone.
 * @param wav absolute path of a WAV that the microphone plays once, from the moment it is opened.
 */
export const chromiumFlags = (wav?: string): string[] => [
  ...FLAGS,
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  ...(wav === undefined ? [] : [`--use-file-for-fake-audio-capture=${wav}%noloop`]),
];

/** Launch flags for tests in which the user refuses the microphone. */
export const flagsWithoutMicrophone = (): string[] => [
  ...FLAGS,
  '--use-fake-device-for-media-stream',
  '--deny-permission-prompts',
];
