import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname + '/../..',
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: [import.meta.dirname + '/setup.ts'],
    // Each file has a VS Code of its own; two at once would only be slower.
    maxWorkers: Number(process.env["WELD_E2E_WORKERS"] ?? 3),
    pool: 'forks',
    testTimeout: 400_000,
    hookTimeout: 180_000,
    teardownTimeout: 20_000,
    slowTestThreshold: 15_000,
  },
});
