// `npm test`: lints, builds, packs and runs every suite, two side by side; the last line sums up what their machine-readable results say.
// `npm run test:deep` is the same with what takes long.
import { spawn, spawnSync } from 'node:child_process';
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
  readonly runner: 'vitest' | 'mocha' | 'exit code';
  readonly env?: NodeJS.ProcessEnv;
}
const deep = process.env['WELD_DEEP'] === '1';
/** Each lane one after the other, the lanes side by side: the windows wait while the rest computes, and the other way round. */
const LANES: readonly (readonly Suite[])[] = [
  [{ name: 'end to end', script: 'test:e2e', minutes: 30, runner: 'vitest' }, ...(deep ? [{ name: 'agents', script: 'test:agents', minutes: 15, runner: 'vitest' } as const] : [])],
  [
    { name: 'lint: types, boundaries and unused code', script: 'lint', minutes: 10, runner: 'exit code' },
    { name: 'unit', script: 'test:unit', minutes: 35, runner: 'vitest', env: { WELD_UNIT_WORKERS: '3' } },
    { name: 'lock simulation', script: 'test:lock-sim', minutes: 15, runner: 'vitest' },
    { name: 'inside VS Code', script: 'test:host', minutes: 10, runner: 'mocha' },
  ],
];

/** A folder for temporary files in memory, where there is one with room that programs may be started from: thousands of small repositories are made and removed. */
function temporary(): NodeJS.ProcessEnv {
  const shm = '/dev/shm';
  try {
    const { bavail, bsize } = fs.statfsSync(shm);
    if (process.env['TMPDIR'] !== undefined || bavail * bsize < 2 * 2 ** 30) return {};
    const dir = fs.mkdtempSync(path.join(shm, 'w-'));
    fs.chmodSync(dir, 0o755); // tests run programs as other users, who have to reach what lies below
    process.on('exit', () => { fs.rmSync(dir, { recursive: true, force: true }); });
    const probe = path.join(dir, 'probe');
    fs.writeFileSync(probe, '#!/bin/sh\n', { mode: 0o755 });
    return spawnSync(probe).status === 0 ? { TMPDIR: dir } : {};
  } catch {
    return {};
  }
}

/** Runs an npm script in a process group of its own, which is ended whole when the time is up. @returns its exit code */
function script(name: string, args: readonly string[], env: NodeJS.ProcessEnv, limitMs: number, log: string): Promise<number> {
  return new Promise((resolve) => {
    const fd = fs.openSync(log, 'w');
    const child = spawn('npm', ['run', '--silent', name, ...(args.length > 0 ? ['--', ...args] : [])], { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', fd, fd], detached: true });
    fs.closeSync(fd);
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

async function runSuite(suite: Suite, shared: NodeJS.ProcessEnv): Promise<Counts> {
  const [file, log] = [path.join(results, `${suite.script.replace('test:', '')}.json`), path.join(results, `${suite.script.replace('test:', '')}.log`)];
  fs.rmSync(file, { force: true });
  const started = Date.now();
  const limit = Math.max(MINUTE, Math.min(suite.minutes * MINUTE, deadline - started));
  const args = suite.runner === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`] : [];
  console.log(`── ${suite.name} begins ──`);
  const code = await script(suite.script, args, { ...shared, ...suite.env, WELD_HOST_RESULT: file, WELD_PACKAGED: '1' }, limit, log);
  const counts = suite.runner === 'exit code' ? { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 } : judge(readResult(file), code);
  console.log(`\n── ${suite.name} ──\n${fs.readFileSync(log, 'utf8')}${suite.name}: ${line(counts)} (${Math.round((Date.now() - started) / 1000)} s)`);
  return counts;
}

async function main(): Promise<void> {
  fs.mkdirSync(results, { recursive: true });
  const shared = temporary();
  const packed = await runSuite({ name: 'the extension builds and packs', script: 'package', minutes: 10, runner: 'exit code' }, shared);
  const lanes = await Promise.all(LANES.map(async (lane) => {
    let sum: Counts = { passed: 0, failed: 0, skipped: 0 };
    for (const suite of lane) sum = add(sum, await runSuite(suite, shared));
    return sum;
  }));
  const total = lanes.reduce(add, packed);
  console.log(`\n${line(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
void main();
