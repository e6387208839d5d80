import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname + '/../..',
    include: ['test/e2e/**/*.test.ts'],
    // Other ways to what a test of `npm test` shows too: `npm run test:deep` has them.
    exclude: process.env['WELD_DEEP'] === '1' ? [] : ['**/*.deep.test.ts'],
    globalSetup: [import.meta.dirname + '/setup.ts'],
    // Each file has a VS Code of its own, which waits more than it works.
    maxWorkers: Number(process.env['WELD_E2E_WORKERS'] ?? 3),
    pool: 'forks',
    // The driver's modules are read once for all files of a process.
    isolate: false,
    testTimeout: 400_000,
    hookTimeout: 180_000,
    teardownTimeout: 20_000,
    slowTestThreshold: 15_000,
  },
});
