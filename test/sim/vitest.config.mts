import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname + '/../..',
    include: ['test/sim/**/*.test.ts'],
    // Half a minute of real processes that fight for real time: in `npm run test:deep`.
    exclude: process.env['WELD_DEEP'] === '1' ? [] : ['test/sim/torture.test.ts'],
    // Tests start real processes and signal them: each file gets a process of its own.
    pool: 'forks',
    // The two long searches side by side, also where only two processors are seen.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
  },
});
