// `npm test`: lints, builds, packs and runs every suite, side by side; the last line sums up what their
// machine-readable results say.
// `npm run test:deep`: what takes minutes. `-- --keep` keeps what each suite took, for later runs to be compared with.
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
/** A limit against what hangs, not a plan: on two idle cores either ends well before. */
const deadline = Date.now() + 40 * MINUTE;
const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

/**
 * A folder for temporary files in memory, where there is one with room that programs may be started from: thousands of
 * small repositories are made and removed.
 */
function temporary(): NodeJS.ProcessEnv {
  const shm = '/dev/shm';
  try {
    const { bavail, bsize } = fs.statfsSync(shm);
    if (process.env['TMPDIR'] !== undefined || bavail * bsize < 2 * 2 ** 30) return {};
    const dir = fs.mkdtempSync(path.join(shm, 'w-'));
    fs.chmodSync(dir, 0o755); // tests run programs as other users, who have to reach what lies below
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

/**
 * Runs an npm script in a process group of its own, which is ended whole when the time is up. @returns its exit code
 */
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

let counted = 0;
/**
 * @returns what ran, with wall seconds and its cost: processor seconds where the system tells them, else wall seconds
 */
async function measured<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly wallSeconds: number; readonly cost: number }> {
  const began = Date.now();
  const result = await work();
  const wallSeconds = (Date.now() - began) / 1000;
  // A program is counted once it has ended, so what came since the last look is this one's, whatever runs beside it.
  const now = childrenSeconds();
  const cost = now === null ? wallSeconds : now - counted;
  counted = now ?? 0;
  return { result, wallSeconds, cost };
}

const took: Took[] = [];
const tests: TimedTest[] = [];
const budgets: string[] = [];
/** Said again at the end, where a long output is cut last. */
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
