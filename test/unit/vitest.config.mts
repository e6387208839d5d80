import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname + '/../..',
    include: ['test/unit/**/*.test.ts'],
    // Tests start real processes and signal them: each file gets a process of its own.
    pool: 'forks',
    // They wait for processes more than they compute, so two share one core well.
    maxWorkers: 2,
    // A shared machine stops for seconds at times: a test may prove itself once more, and the report names it.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    teardownTimeout: 5_000,
  },
});
