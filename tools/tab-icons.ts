import { mkdir, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { findChromium } from '../local/wechat/chromium.ts';
import { runTool, ToolError } from './cli.ts';

/**
 * Draws the tab bar's icons: WeChat takes only PNG files there. Run it after a change and commit what it writes:
 * `npx tsx tools/tab-icons.ts`
 */
const SIZE_PX = 81;
const FOLDER = new URL('../miniprogram/images/', import.meta.url);

/** On a 24 × 24 grid, stroked; `fill` marks what is filled. */
const ICONS: Record<string, string> = {
  live: '<rect class="fill" x="9" y="3" width="6" height="11" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>',
  history: '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.2l3.4 2"/>',
  stats: '<path d="M5 20v-6M12 20V4.5M19 20V9.5"/>',
  oneshot:
    '<path d="M4 6.5a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6.5L7 20v-3.5H6a2 2 0 0 1-2-2z"/><path d="M9 9v3M12 8v5M15 9v3"/>',
  settings:
    '<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.6"/><circle cx="8" cy="17" r="2.6"/>',
};
const COLOURS = {
  light: { off: '#5f6675', on: '#2f55d4' },
  dark: { off: '#9aa1b0', on: '#8ea6ff' },
} as const;

const svg = (shape: string, colour: string): string => `
  <svg xmlns="http://www.w3.org/2000/svg" width="${SIZE_PX}" height="${SIZE_PX}" viewBox="0 0 24 24">
    <style>* { fill: none; stroke: ${colour}; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round }
    .fill { fill: ${colour} }</style>${shape}
  </svg>`;

async function draw(executablePath: string): Promise<void> {
  const browser = await chromium.launch({ executablePath });
  try {
    const page = await browser.newPage({ viewport: { width: SIZE_PX, height: SIZE_PX } });
    await mkdir(FOLDER, { recursive: true });
    for (const [name, shape] of Object.entries(ICONS)) {
      for (const [theme, colours] of Object.entries(COLOURS)) {
        for (const [state, colour] of Object.entries(colours)) {
          await page.setContent(`<body style="margin:0;background:transparent">${svg(shape, colour)}</body>`);
          const file = new URL(`tab-${name}-${theme}${state === 'on' ? '-on' : ''}.png`, FOLDER);
          await writeFile(file, await page.screenshot({ omitBackground: true }));
        }
      }
    }
  } finally {
    await browser.close();
  }
}

await runTool(
  {
    command: 'npx tsx tools/tab-icons.ts',
    summary: '画小程序底部标签栏的图标，写入 miniprogram/images/',
    options: {},
  },
  '正在启动浏览器',
  async () => {
    const { file, found } = findChromium();
    if (file === undefined) throw new ToolError(found);
    await draw(file);
  },
);
