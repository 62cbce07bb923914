import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      '{contract,records,lib,compile,container,functions,miniprogram,local,tools,bench}/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.e2e.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
