import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname + '/../..',
    include: ['test/sim/**/*.test.ts'],
    // Tests start real processes and signal them: each file gets a process of its own.
    pool: 'forks',
    // The two long searches side by side, also where only two processors are seen.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
  },
});
