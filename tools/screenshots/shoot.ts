import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppPage } from '../../local/wechat/e2e/app-page.ts';

export const OUT = fileURLToPath(new URL('../../.local/screenshots/', import.meta.url));
/** Transitions of the widgets end within this. */
export const SETTLE_MS = 450;

/** Removes the pictures of an earlier run. */
export const clearOut = (): void => {
  fs.rmSync(OUT, { recursive: true, force: true });
  fs.mkdirSync(OUT, { recursive: true });
};

/** Takes one state in both themes. */
export const shoot = async (appPage: AppPage, name: string): Promise<void> => {
  for (const theme of ['light', 'dark'] as const) {
    await (theme === 'light'
      ? appPage.host((host) => host.setTheme('light'))
      : appPage.host((host) => host.setTheme('dark')));
    await appPage.page.waitForTimeout(SETTLE_MS);
    await appPage.page.screenshot({ path: path.join(OUT, `${name}-${theme}.png`) });
  }
  await appPage.host((host) => host.setTheme('light'));
  console.log(`  ${name}`);
};
