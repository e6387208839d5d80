import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Neither programs nor files: they share one thread and its modules. */
const PURE = [
  'boundaries',
  'manifest',
  '{ui,views,lsp,platform,torture,support}/**/*',
  'server/{schemas,criteria}',
  'core/plan/**/*',
  'core/artifacts/ids',
  'core/checks/words',
  'core/agents/{registry,replay}',
  'core/agents/cli/{environment,jsonLines,judge,redact,watchdog}',
  'core/agents/{claude,codex}/reader',
  'core/lock/{judge,sentences}',
  'core/steps/{gate,verdict/*,conditions/*}',
].map((name) => `test/unit/${name}.test.ts`);

const common = {
  root: import.meta.dirname + '/../..',
  testTimeout: 90_000,
  hookTimeout: 90_000,
  teardownTimeout: 5_000,
  // A group may have tests in depth only, or none in depth.
  passWithNoTests: true,
};
// They wait for processes more than they compute.
const workers = Number(process.env['WELD_UNIT_WORKERS'] ?? Math.max(2, 2 * availableParallelism()));

export default defineConfig({
  test: {
    root: common.root,
    maxWorkers: workers,
    globalSetup: [import.meta.dirname + '/setup.ts'],
    projects: [
      { test: { ...common, name: 'pure', include: PURE, pool: 'threads', isolate: false } },
      // Tests start real processes, which a thread cannot be told from. Modules are read once for all files of a
      // process,
      // and one thread collects garbage: both together take a quarter less of the processors.
      {
        test: {
          ...common,
          name: 'process',
          include: ['test/unit/**/*.test.ts'],
          exclude: PURE,
          pool: 'forks',
          isolate: false,
          execArgv: ['--single-threaded-gc'],
        },
      },
    ],
  },
});
