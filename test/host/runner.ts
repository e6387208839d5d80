// Runs inside VS Code: all bundled test files in this folder, with readable output and a result for the summary.
import * as fs from 'node:fs';
import * as path from 'node:path';
import Mocha from 'mocha';
import * as vscode from 'vscode';

/** The format that test/support/results.ts reads. */
interface Summary {
  passed: number;
  failed: number;
  skipped: number;
  /** The duration of each test, in ms. */
  tests: { name: string; ms: number }[];
  /** The failed tests with their messages. */
  failures: string[];
}

/** @throws if a test failed or there was none */
export async function run(): Promise<void> {
  console.log(`VS Code ${vscode.version}`);
  const mocha = new Mocha({
    ui: 'tdd',
    color: true,
    timeout: 60_000,
    slow: 5_000,
    reporter: 'spec',
    forbidOnly: process.env['CI'] !== undefined,
  });
  const dir = path.join(__dirname, 'suite');
  for (const name of fs.readdirSync(dir).sort()) if (name.endsWith('.test.js')) mocha.addFile(path.join(dir, name));

  const summary = await new Promise<Summary>((resolve) => {
    const tests: Summary['tests'] = [];
    const failed: string[] = [];
    const running = mocha.run(() => {
      const { passes = 0, failures = 0, pending = 0 } = running.stats ?? {};
      resolve({ passed: passes, failed: failures, skipped: pending, tests, failures: failed });
    });
    running.on('fail', (test, error: Error) => {
      failed.push(`${test.fullTitle()}\n    ${error.message}`);
    });
    running.on('test end', (test) => {
      tests.push({ name: test.fullTitle(), ms: test.duration ?? 0 });
    });
  });
  const file = process.env['WELD_HOST_RESULT'];
  if (file) fs.writeFileSync(file, JSON.stringify(summary));
  if (summary.failed > 0) throw new Error(`${summary.failed} tests failed`);
  if (summary.passed === 0) throw new Error('no test ran');
}
