import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests without programs or files share one thread and its modules. */
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
  // A group may have only deep tests, or none.
  passWithNoTests: true,
};
// They mostly wait for processes.
const workers = Number(process.env['WELD_UNIT_WORKERS'] ?? Math.max(2, 2 * availableParallelism()));

export default defineConfig({
  test: {
    root: common.root,
    maxWorkers: workers,
    globalSetup: [import.meta.dirname + '/setup.ts'],
    projects: [
      { test: { ...common, name: 'pure', include: PURE, pool: 'threads', isolate: false } },
      // Tests start real processes, so each worker is a process. Modules are loaded once for all files of a process,
      // and garbage collection has one thread: together these save a quarter of the CPU time.
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
