import { defineConfig } from 'vitest/config';

/** The app in a real browser against the whole local cloud; one file after the other, since each starts a cloud. */
export default defineConfig({
  test: {
    include: ['local/wechat/e2e/**/*.e2e.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
