import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname + '/../..',
    include: ['test/attacks/**/*.test.ts'],
    globalSetup: [import.meta.dirname + '/../unit/setup.ts'],
    pool: 'forks',
    execArgv: ['--single-threaded-gc'],
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
});
