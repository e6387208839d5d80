import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname + '/../..',
    include: ['test/agents/**/*.test.ts'],
    globalSetup: [import.meta.dirname + '/setup.ts'],
    pool: 'forks',
    // Each agent program takes a few hundred MB; more than two at once only get in each other's way.
    maxWorkers: 2,
    testTimeout: 150_000,
    hookTimeout: 150_000,
    teardownTimeout: 10_000,
    slowTestThreshold: 15_000,
  },
});
