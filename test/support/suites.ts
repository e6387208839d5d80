import * as fs from 'node:fs';
import * as path from 'node:path';
import { root } from './paths';

/** One part of the tests: an npm script with its result. */
export interface Suite {
  readonly name: string;
  readonly script: string;
  /** Arguments for the script. */
  readonly args?: readonly string[];
  /** A limit against hanging, wall time. */
  readonly minutes: number;
  readonly runner: 'vitest' | 'mocha' | 'exit code';
  readonly env?: NodeJS.ProcessEnv;
}

/** Two suites run in parallel: the windows mostly wait, the others compute. When one ends, the next starts. */
export interface Plan {
  readonly first: readonly Suite[];
  readonly then: readonly Suite[];
}

const PACKAGE: Suite = {
  name: 'package: the extension builds and packs',
  script: 'package',
  minutes: 10,
  runner: 'exit code',
};

/** `npm test`. */
export const EVERY_TIME: Plan = {
  first: [PACKAGE],
  then: [
    { name: 'end to end', script: 'test:e2e', minutes: 30, runner: 'vitest', env: { WELD_E2E_WORKERS: '2' } },
    { name: 'lint: types and boundaries', script: 'lint:product', minutes: 10, runner: 'exit code' },
    { name: 'unit', script: 'test:unit', minutes: 20, runner: 'vitest', env: { WELD_UNIT_WORKERS: '3' } },
    { name: 'attacks', script: 'test:attacks', minutes: 15, runner: 'vitest' },
    { name: 'inside VS Code', script: 'test:host', minutes: 10, runner: 'mocha' },
    { name: 'lock simulation', script: 'test:lock-sim', minutes: 10, runner: 'vitest' },
  ],
};

/** `npm run test:deep`: the parts that take minutes; repeats nothing from `npm test`. */
export function deepPlan(): Plan {
  return {
    first: [PACKAGE],
    then: [
      {
        name: 'end to end, deep',
        script: 'test:e2e',
        args: deepFiles('test/e2e'),
        minutes: 25,
        runner: 'vitest',
        env: { WELD_E2E_WORKERS: '2' },
      },
      {
        name: 'unit, deep',
        script: 'test:unit',
        args: deepFiles('test/unit'),
        minutes: 20,
        runner: 'vitest',
        env: { WELD_UNIT_WORKERS: '2' },
      },
      { name: 'lock simulation and torture, deep', script: 'test:lock-sim', minutes: 20, runner: 'vitest' },
      { name: 'attacks, deep', script: 'test:attacks', minutes: 20, runner: 'vitest' },
      { name: 'real agent programs', script: 'test:agents', minutes: 20, runner: 'vitest' },
      {
        name: 'inside VS Code 1.100, the lowest',
        script: 'test:host',
        minutes: 15,
        runner: 'mocha',
        env: { WELD_HOST: 'floor' },
      },
      { name: 'mutations: without a rule its test is red', script: 'test:rules', minutes: 20, runner: 'exit code' },
      { name: 'lint of the tests, unused code', script: 'lint:tests', minutes: 10, runner: 'exit code' },
      { name: 'demo', script: 'demo', minutes: 10, runner: 'exit code' },
    ],
  };
}

/** The test files of `npm run test:deep`: those named `*.deep.test.ts`, and those that use a size or a budget. */
function deepFiles(folder: string): string[] {
  const files = fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'));
  return files
    .map((name) => path.posix.join(folder, name.split(path.sep).join('/')))
    .filter(
      (name) =>
        name.endsWith('.deep.test.ts') ||
        /support\/(?:deep|budget)'/u.test(fs.readFileSync(path.join(root, name), 'utf8')),
    );
}
