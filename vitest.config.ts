import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/leaks.ts'],
    // processes rather than threads: tests send signals, and one that hangs can be killed
    pool: 'forks',
    // Redis needs a core too
    maxWorkers: 2,
    // generous: a machine with other work on it takes many times as long
    testTimeout: 90_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
