import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { cache, root } from '../support/paths';
import { mustRun } from '../support/run';
import { compared } from './compared';
import { type BenchRecord, described, keep, machineFacts } from './record';
import { isWithin, type SectionResult } from './report';

type Build = 'before' | 'now';

/** Before, now, now, before, … : whatever drifts while the machine is measured meets both alike. */
const order = (rounds: number): Build[] =>
  Array.from({ length: rounds }, (_, round): Build[] =>
    round % 2 === 0 ? ['before', 'now'] : ['now', 'before'],
  ).flat();

/**
 * Measures an earlier commit and this build in turn, with the bench of this build, and prints both.
 * @returns true when every row of this build is within its limit
 */
export async function compareWith(commit: string, sections: readonly string[], rounds: number): Promise<boolean> {
  const earlier = execFileSync('git', ['rev-parse', '--verify', `${commit}^{commit}`], { cwd: root, encoding: 'utf8' });
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'wb-')));
  const tree = path.join(folder, 'before');
  const cleanUp = (): void => {
    if (!fs.existsSync(folder)) return;
    spawnSync('git', ['worktree', 'remove', '--force', '--force', tree], { cwd: root, stdio: 'ignore' });
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', cleanUp);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  try {
    process.stderr.write(`building ${earlier.slice(0, 7)} …\n`);
    await checkOut(earlier.trim(), tree);
    process.stderr.write('building this commit …\n');
    await mustRun('npm', ['run', '--silent', 'package'], { cwd: root });
    const places: Readonly<Record<Build, string>> = { before: tree, now: root };
    const records: Record<Build, BenchRecord[]> = { before: [], now: [] };
    for (const section of sections)
      for (const build of order(rounds))
        records[build].push(await measured(places[build], section, path.join(folder, 'record')));
    return report(earlier.slice(0, 7), sections, records);
  } finally {
    cleanUp();
  }
}

/**
 * Builds a commit in a folder of its own, and gives it this commit's tests. Sections that see the product from outside
 * measure it as it was; those that import what it lacks say so.
 */
async function checkOut(commit: string, tree: string): Promise<void> {
  await mustRun('git', ['worktree', 'add', '--quiet', '--detach', tree, commit], { cwd: root });
  const same = ['package-lock.json', 'package.json'].every(
    (name) => dependencies(path.join(tree, name)) === dependencies(path.join(root, name)),
  );
  if (same) fs.symlinkSync(fs.realpathSync(path.join(root, 'node_modules')), path.join(tree, 'node_modules'));
  else await mustRun('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: tree });
  await mustRun('npm', ['run', '--silent', 'package'], { cwd: tree });
  fs.rmSync(path.join(tree, 'test'), { recursive: true });
  fs.cpSync(path.join(root, 'test'), path.join(tree, 'test'), { recursive: true });
  fs.rmSync(path.join(tree, '.cache'), { recursive: true, force: true });
  fs.symlinkSync(fs.realpathSync(cache), path.join(tree, '.cache'));
}

/** What of a manifest or a lock file decides which packages are installed. */
function dependencies(file: string): string {
  const {
    packages,
    dependencies: needed,
    devDependencies,
  } = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
  return JSON.stringify([packages, needed, devDependencies]);
}

/** One section in a process of its own, whose product is what was built in that folder. */
async function measured(place: string, section: string, file: string): Promise<BenchRecord> {
  process.stderr.write(`measuring ${section} in ${place === root ? 'this build' : 'the earlier one'} …\n`);
  fs.rmSync(file, { force: true });
  const tsx = path.join(root, 'node_modules/tsx/dist/cli.mjs');
  await mustRun(process.execPath, [tsx, path.join(place, 'test/bench/main.ts'), section], {
    cwd: place,
    env: { ...process.env, WELD_PACKAGED: '1', WELD_BENCH_RECORD: file },
  });
  return JSON.parse(fs.readFileSync(file, 'utf8')) as BenchRecord;
}

function report(commit: string, sections: readonly string[], records: Record<Build, readonly BenchRecord[]>): boolean {
  const facts = machineFacts();
  const of = (build: Build, section: string): SectionResult[] =>
    records[build].flatMap(({ sections: all }) => all[section] ?? []);
  for (const section of sections) console.log(compared(section, commit, of('before', section), of('now', section)));
  const kept = keep(facts, `against-${commit}`, { facts, against: commit, ...records });
  console.log(`\n${described(facts)}, against ${commit}; kept in ${kept}`);
  return sections.every((section) => of('now', section).every(isWithin));
}
