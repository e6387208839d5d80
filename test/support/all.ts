// `npm test`: lints, builds, packs, and runs all suites in parallel; the last line sums up their machine-readable
// results. `npm run test:deep` runs the parts that take minutes. `-- --keep` stores the time of each suite, for
// comparison with later runs.
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { childrenSeconds } from './cpu';
import { ensureSystem } from './host/system';
import { out, root } from './paths';
import { add, type Counts, failure, judge, line, readResult, type TimedTest } from './results';
import { deepPlan, EVERY_TIME, type Suite } from './suites';
import { keepRatios, kept, summary, type Took } from './summary';

const deep = process.argv.includes('deep');
const results = path.join(out, 'results');
const MINUTE = 60_000;
/** A limit against hanging, in ms: on two idle cores both end well before. */
const deadline = Date.now() + 40 * MINUTE;
const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

/**
 * A folder in memory for temporary files, if there is one with enough room that allows programs to start: the tests
 * create and remove thousands of small repositories.
 */
function temporary(): NodeJS.ProcessEnv {
  const shm = '/dev/shm';
  try {
    const { bavail, bsize } = fs.statfsSync(shm);
    if (process.env['TMPDIR'] !== undefined || bavail * bsize < 2 * 2 ** 30) return {};
    const dir = fs.mkdtempSync(path.join(shm, 'w-'));
    fs.chmodSync(dir, 0o755); // tests run programs as other users, who need access
    process.on('exit', () => {
      try {
        fs.rmSync(dir, { recursive: true, force: true });
      } catch (error) {
        process.stderr.write(`${dir} is left: ${String(error)}\n`); // something is still mounted there
      }
    });
    const probe = path.join(dir, 'probe');
    fs.writeFileSync(probe, '#!/bin/sh\n', { mode: 0o755 });
    return spawnSync(probe).status === 0 ? { TMPDIR: dir } : {};
  } catch {
    return {};
  }
}

/** Runs an npm script in its own process group, which is killed when the time is up. @returns its exit code */
function script(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  limitMs: number,
  log: string,
): Promise<number> {
  return new Promise((resolve) => {
    const fd = fs.openSync(log, 'w');
    const child = spawn('npm', ['run', '--silent', name, ...(args.length > 0 ? ['--', ...args] : [])], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', fd, fd],
      detached: true,
    });
    fs.closeSync(fd);
    const killGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has already ended.
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

let counted = 0;
/** @returns the result, with its wall time and its cost: CPU seconds if the system reports them, else wall seconds */
async function measured<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly wallSeconds: number; readonly cost: number }> {
  const began = Date.now();
  const result = await work();
  const wallSeconds = (Date.now() - began) / 1000;
  // The system counts a program once it has ended, so the difference is this one's, whatever runs in parallel.
  const now = childrenSeconds();
  const cost = now === null ? wallSeconds : now - counted;
  counted = now ?? 0;
  return { result, wallSeconds, cost };
}

const took: Took[] = [];
const tests: TimedTest[] = [];
const budgets: string[] = [];
/** Repeated at the end, because a long output is usually cut earlier. */
const failures: string[] = [];
let anchor = 1;

async function runSuite(suite: Suite, shared: NodeJS.ProcessEnv): Promise<Counts> {
  const name = suite.name.replace(/\W+/gu, '-');
  const [file, log] = [path.join(results, `${name}.json`), path.join(results, `${name}.log`)];
  fs.rmSync(file, { force: true });
  const limit = Math.max(MINUTE, Math.min(suite.minutes * MINUTE, deadline - Date.now()));
  const args = [
    ...(suite.args ?? []),
    ...(suite.runner === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`] : []),
  ];
  const env = { ...shared, ...suite.env, WELD_HOST_RESULT: file, WELD_PACKAGED: '1', ...(deep && { WELD_DEEP: '1' }) };
  console.log(`── ${suite.name} begins ──`);
  const { result: code, wallSeconds, cost } = await measured(() => script(suite.script, args, env, limit, log));
  const result = readResult(file);
  const counts =
    suite.runner === 'exit code'
      ? { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
      : judge(result, code);
  const said = fs.readFileSync(log, 'utf8');
  console.log(`\n── ${suite.name} ──\n${said}${suite.name}: ${line(counts)} (${Math.round(wallSeconds)} s)`);
  took.push({ name: suite.name, wallSeconds, ratio: cost / anchor });
  tests.push(...(result?.tests ?? []));
  if (counts.failed > 0)
    failures.push(
      ...(result?.failures.length
        ? result.failures
        : [failure(suite.name, said.trimEnd().split('\n').slice(-6).join('\n'))]),
    );
  budgets.push(...said.split('\n').filter((each) => each.startsWith('[budget] ')));
  return counts;
}

async function main(): Promise<void> {
  fs.mkdirSync(results, { recursive: true });
  const began = Date.now();
  await ensureSystem();
  const shared = temporary();
  counted = childrenSeconds() ?? 0;
  const { cost } = await measured(() => script('test:anchor', [], shared, MINUTE, path.join(results, 'anchor.log')));
  anchor = Math.max(cost, 0.01);
  const { first, then } = deep ? deepPlan() : EVERY_TIME;
  const inTurn = async (suites: Suite[]): Promise<Counts> => {
    let sum = NOTHING;
    for (let next = suites.shift(); next !== undefined; next = suites.shift())
      sum = add(sum, await runSuite(next, shared));
    return sum;
  };
  const packed = await inTurn([...first]);
  const rest = [...then];
  const total = (await Promise.all([inTurn(rest), inTurn(rest)])).reduce(add, packed);
  for (const each of summary(took, tests, budgets, kept())) console.log(each);
  if (process.argv.includes('--keep')) keepRatios(took);
  console.log(
    `All of it took ${Math.round((Date.now() - began) / 1000)} s; the fixed piece of work ${anchor.toFixed(1)} s.`,
  );
  for (const each of failures) console.log(`[failed] ${each}`);
  console.log(`\n${line(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
void main();
