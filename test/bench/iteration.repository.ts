import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { WeldPaths } from '../../src/core/artifacts/paths';
import type { RunId } from '../../src/core/artifacts/runIds';

export const FILES = 50_000;
export const CHANGED = 200;
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

/** A repository of `FILES` files, committed once. */
export function makeRepository(top: string): void {
  for (let i = 0; i < FILES; i++) {
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

/** Rewrites `CHANGED` files all over the tree with new content. @returns their names, relative to the top */
export function change(top: string): string[] {
  generation++;
  return Array.from({ length: CHANGED }, (_, n) => {
    const i = n * Math.floor(FILES / CHANGED);
    fs.writeFileSync(path.join(top, nameOf(i)), textOf(i, generation));
    return nameOf(i).split(path.sep).join('/');
  });
}

export const RUNS = 1_000;

/** Number of runs since git's last garbage collection, which packs refs. */
export const LOOSE = 50;

/** Gives a repository many earlier runs, each as large as the current one, with as many refs. */
export function addRuns(top: string, like: RunId, paths: WeldPaths): void {
  const refs = bareGit(top, ['for-each-ref', '--format=%(refname) %(objectname)', `refs/weld/${like}/`]).split('\n');
  for (let i = 0; i < RUNS; i++) {
    const name = `20250101-000000-run${i}`;
    fs.cpSync(paths.run(like).root, path.join(paths.runs, name), { recursive: true });
    bareGit(top, ['update-ref', '--stdin'], {
      input: refs.map((ref) => `create ${ref.replace(like, name)}\n`).join(''),
    });
    if (i === RUNS - LOOSE) bareGit(top, ['pack-refs', '--all']);
  }
}
