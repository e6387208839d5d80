import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { WeldPaths } from '../../src/core/artifacts/paths';
import type { RunId } from '../../src/core/artifacts/runIds';

/** How large a repository is, and how much of it each change touches: numbers of files. */
export interface Size {
  readonly files: number;
  readonly changed: number;
}

export const LARGE: Size = { files: 50_000, changed: 200 };
export const SMALL: Size = { files: 1_000, changed: 10 };
const LINES = 30;

const nameOf = (i: number): string =>
  path.join(`area${Math.floor(i / 2_500)}`, `part${Math.floor(i / 50) % 50}`, `file${i}.ts`);
const textOf = (i: number, generation: number): string =>
  Array.from({ length: LINES }, (_, line) => `export const value_${i}_${line} = ${line === 7 ? generation : 0};`).join(
    '\n',
  ) + '\n';

/** Runs git. @throws its message if it fails */
export function bareGit(
  cwd: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): string {
  const ran = spawnSync('git', args, {
    cwd,
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...process.env, ...options.env },
    maxBuffer: 256 * 1024 * 1024,
  });
  if (ran.status !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}`);
  return ran.stdout.trimEnd();
}

/** A repository committed once. */
export function makeRepository(top: string, { files }: Size): void {
  for (let i = 0; i < files; i++) {
    const file = path.join(top, nameOf(i));
    if (i % 50 === 0) fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, textOf(i, 0));
  }
  bareGit(top, ['init', '-q']);
  bareGit(top, ['config', 'gc.auto', '0']);
  bareGit(top, ['add', '-A']);
  bareGit(top, ['-c', 'user.name=Sample', '-c', 'user.email=sample@example.invalid', 'commit', '-qm', 'first']);
}

let generation = 0;

/** Rewrites files all over the tree with new content. @returns their names, relative to the top */
export function change(top: string, { files, changed }: Size): string[] {
  generation++;
  return Array.from({ length: changed }, (_, n) => {
    const i = n * Math.floor(files / changed);
    fs.writeFileSync(path.join(top, nameOf(i)), textOf(i, generation));
    return nameOf(i).split(path.sep).join('/');
  });
}

export const RUNS = 1_000;
export const MANY_RUNS = 10_000;

/** Number of runs since git's last garbage collection, which packs refs. */
export const LOOSE = 50;

/** Of an earlier run, all but what its later iterations wrote; a million files would be no better than these. */
const isOfFirst = (name: string): boolean => !/(?:\/|^)(?!01)\d\d$/u.test(name);

/**
 * Gives a repository many earlier runs: copies of the current one as it was after its first iteration.
 * @param total the number of runs afterwards @param there the number of those that an earlier call added
 */
export function addRuns(top: string, like: RunId, paths: WeldPaths, total: number, there = 0): void {
  const refs = bareGit(top, ['for-each-ref', '--format=%(refname) %(objectname)', `refs/weld/${like}/`])
    .split('\n')
    .filter((ref) => isOfFirst(ref.split(' ', 1)[0] ?? ''));
  const create = (from: number, to: number): void => {
    const names = Array.from({ length: to - from }, (_, i) => `20250101-000000-run${from + i}`);
    for (const name of names) linkTree(paths.run(like).root, path.join(paths.runs, name));
    bareGit(top, ['update-ref', '--stdin'], {
      input: names.flatMap((name) => refs.map((ref) => `create ${ref.replace(like, name)}\n`)).join(''),
    });
  };
  for (let at = there; at < total - LOOSE; at += RUNS) {
    create(at, Math.min(at + RUNS, total - LOOSE));
    bareGit(top, ['pack-refs', '--all']);
  }
  create(total - LOOSE, total);
}

/** Copies a folder by links to its files, but for what `isOfFirst` leaves out. */
function linkTree(from: string, to: string): void {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    if (!isOfFirst(entry.name)) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else fs.linkSync(source, target);
  }
}
