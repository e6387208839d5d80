// `npm test`: lints, builds, packs, then every suite in turn; the last line sums up what their machine-readable results say.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { out, root } from './paths';
import { add, judge, line, readResult, type Counts } from './results';

const results = path.join(out, 'results');
const MINUTE = 60_000;
/** A guard against what hangs, not a plan: on two idle cores all of it ends well before. */
const deadline = Date.now() + 68 * MINUTE;

interface Suite {
  readonly name: string;
  readonly script: string;
  readonly minutes: number;
  readonly runner: 'vitest' | 'mocha';
}
const SUITES: readonly Suite[] = [
  { name: 'unit', script: 'test:unit', minutes: 35, runner: 'vitest' },
  { name: 'lock simulation', script: 'test:lock-sim', minutes: 15, runner: 'vitest' },
  { name: 'inside VS Code', script: 'test:host', minutes: 10, runner: 'mocha' },
  { name: 'end to end', script: 'test:e2e', minutes: 30, runner: 'vitest' },
];

/** Runs an npm script in a process group of its own, which is ended whole when the time is up. @returns its exit code */
function script(name: string, args: readonly string[], env: NodeJS.ProcessEnv, limitMs: number): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', name, ...(args.length > 0 ? ['--', ...args] : [])], { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    const killGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    };
    process.on('exit', killGroup);
    const limit = setTimeout(() => {
      console.error(`${name}: still running after ${Math.round(limitMs / 1000)} s, ended`);
      killGroup();
    }, limitMs);
    const done = (code: number | null): void => {
      clearTimeout(limit);
      process.off('exit', killGroup);
      resolve(code ?? 1);
    };
    child.once('error', () => done(1));
    child.once('exit', done);
  });
}

async function runSuite(suite: Suite): Promise<Counts> {
  const file = path.join(results, `${suite.script.replace('test:', '')}.json`);
  fs.rmSync(file, { force: true });
  console.log(`\n── ${suite.name} ──`);
  const started = Date.now();
  const limit = Math.max(MINUTE, Math.min(suite.minutes * MINUTE, deadline - started));
  const args = suite.runner === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`] : [];
  const code = await script(suite.script, args, { WELD_HOST_RESULT: file, WELD_PACKAGED: '1' }, limit);
  const counts = judge(readResult(file), code);
  console.log(`${suite.name}: ${line(counts)} (${Math.round((Date.now() - started) / 1000)} s)`);
  return counts;
}

async function main(): Promise<void> {
  fs.mkdirSync(results, { recursive: true });
  let total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, what] of [['lint', 'types, boundaries and unused code'], ['package', 'the extension builds and packs']] as const) {
    console.log(`\n── ${name} ──`);
    const ok = (await script(name, [], {}, 10 * MINUTE)) === 0;
    const counts = { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
    console.log(`${what}: ${line(counts)}`);
    total = add(total, counts);
  }
  for (const suite of SUITES) total = add(total, await runSuite(suite));
  console.log(`\n${line(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
void main();
