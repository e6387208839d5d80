import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { readCapped } from './readCapped';

/** What makes git run programs, or look away from files. */
const FILES = [
  'config',
  'config.worktree',
  'info/attributes',
  'info/exclude',
  'info/sparse-checkout',
  'info/grafts',
  'shallow',
  'objects/info/alternates',
];
/**
 * To git an empty one is as good as none. Sandboxes of agents leave such files behind: a mount needs something to lie
 * on.
 */
const SAY_NOTHING_EMPTY = new Set([
  'config',
  'config.worktree',
  'attributes',
  'exclude',
  'grafts',
  'shallow',
  'alternates',
]);
/** No setting is longer; of what is, size and times tell. In bytes. */
const MOST = 10 * 1024 * 1024;

/**
 * Digests of a repository's configuration, hooks and rules, so that a change is seen. What editors note of branches by
 * themselves is left out.
 * @param gitDir of this work tree, also a linked one @returns by path below the common git folder; absent files are
 *   absent
 */
export async function readSettings(gitDir: string): Promise<ReadonlyMap<string, string>> {
  const common = await commonDir(gitDir);
  const hooks = (await fs.readdir(path.join(common, 'hooks')).catch(() => []))
    .filter((name) => !name.endsWith('.sample'))
    .map((name) => `hooks/${name}`);
  const files = [...new Set([gitDir, common])].flatMap((folder) => FILES.map((name) => path.join(folder, name)));
  const digests = await Promise.all(
    [...files, ...hooks.map((name) => path.join(common, name))].map(
      async (file) => [path.relative(common, file), await digest(file)] as const,
    ),
  );
  return new Map(digests.flatMap(([name, value]) => (value === null ? [] : [[name.split(path.sep).join('/'), value]])));
}

/** The git folder that all work trees of a repository share. @param gitDir of one of them */
export async function commonDir(gitDir: string): Promise<string> {
  return path.resolve(
    gitDir,
    ((await readCapped(path.join(gitDir, 'commondir'), 16 * 1024)) ?? Buffer.from('.')).toString('utf8').trim(),
  );
}

async function digest(file: string): Promise<string | null> {
  const stat = await fs.lstat(file).catch(() => null);
  if (!stat || (stat.isFile() && stat.size === 0 && SAY_NOTHING_EMPTY.has(path.basename(file)))) return null;
  const target = stat.isSymbolicLink() ? await fs.readlink(file).catch(() => '') : '';
  const content = (await readCapped(file, MOST)) ?? Buffer.from(`${stat.size} ${stat.mtimeMs} ${stat.ino}`);
  const told = path.basename(file) === 'config' ? withoutBranches(content.toString('utf8')) : content;
  return `${stat.mode} ${target} ${createHash('sha256').update(told).digest('hex')}`;
}

/** Drops whole `[branch "…"]` sections; a line that might begin another section is kept. */
function withoutBranches(config: string): string {
  let inBranch = false;
  return config
    .split('\n')
    .filter((line) => {
      if (line.trimStart().startsWith('[')) inBranch = /^\s*\[branch "[^"\\]*"\]\s*$/u.test(line);
      return !inBranch && line.trim() !== '';
    })
    .join('\n');
}
