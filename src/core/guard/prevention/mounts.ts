import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { readCapped } from '../../artifacts/bounded';
import { WeldPaths } from '../../artifacts/paths';
import { weldFolder } from '../../git/privateIndex';
import { commonDir } from '../../git/runGit';
import type { Project } from '../../project';
import { dependencies, type Endpoints, findEndpoints } from './outside';

/** The mounts of a sandbox, on top of the whole file system. All paths are resolved. */
export interface Mounts {
  /** Folders bound onto themselves, outermost first: a mount point cannot be renamed. */
  readonly pinned: readonly string[];
  /** Weld's own folders, which must exist. */
  readonly readOnly: readonly string[];
  /** Other files and folders, which may disappear while a guest works. */
  readonly readOnlyIfThere: readonly string[];
  readonly endpoints: Endpoints;
}

/**
 * Finds what a sandbox around the guests of a project has to protect.
 * @param options.make creates Weld's own folders if they are missing: what does not exist cannot be protected
 */
export async function mountsFor(project: Project, options: { readonly make: boolean }): Promise<Mounts> {
  const { gitDir } = project.git;
  const common = await commonDir(gitDir);
  if (options.make)
    await Promise.all([project.storage, weldFolder(gitDir)].map((folder) => fs.mkdir(folder, { recursive: true })));
  const trees = [{ top: project.top, gitDir }, ...(await workTreesOf(common))];
  const tops = await present(trees.map(({ top }) => top));
  const own = await present([
    ...trees.flatMap((tree) => [
      path.join(tree.top, WeldPaths.folderName),
      weldFolder(tree.gitDir),
      path.join(tree.gitDir, 'info'),
    ]),
    project.storage,
    path.join(common, 'hooks'),
    path.join(common, 'info'),
  ]);
  const others = (await dependencies(project, tops)).filter((file) => !own.includes(file));
  const gits = await present([...trees.flatMap((tree) => [tree.gitDir, path.join(tree.top, '.git')]), common]);
  return {
    pinned: pins([...tops, ...gits], [...own, ...others]),
    readOnly: own,
    readOnlyIfThere: others,
    endpoints: await findEndpoints(),
  };
}

/** The places themselves, and every folder above them and above what is read-only. */
function pins(places: readonly string[], shut: readonly string[]): string[] {
  const all = new Set(places);
  for (const place of [...places, ...shut])
    for (let above = path.dirname(place); above !== path.dirname(above); above = path.dirname(above)) all.add(above);
  return [...all].sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1));
}

/**
 * The resolved paths of existing files. Links are left out: a repository can make one below a work tree lead anywhere.
 */
async function present(files: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    files.map(async (file) => {
      const stat = await fs.lstat(file).catch(() => null);
      if (!stat || stat.isSymbolicLink()) return [];
      return [await fs.realpath(file).catch(() => file)];
    }),
  );
  return [...new Set(found.flat())];
}

/**
 * The mounts as arguments of bubblewrap: `--dev-bind`, because a repository may be below `/dev` and devices must work.
 * @param writable Weld's own folders that this guest has to write, inside a read-only one
 */
export function mountArguments(mounts: Mounts, writable: readonly string[] = []): string[] {
  return [
    '--dev-bind',
    '/',
    '/',
    ...mounts.pinned.flatMap((place) => ['--dev-bind', place, place]),
    ...mounts.readOnlyIfThere.flatMap((place) => ['--ro-bind-try', place, place]),
    ...mounts.readOnly.flatMap((place) => ['--ro-bind', place, place]),
    ...mounts.endpoints.folders.flatMap((place) => ['--tmpfs', place]),
    ...mounts.endpoints.files.flatMap((place) => ['--ro-bind', '/dev/null', place]),
    ...writable.flatMap((place) => ['--dev-bind', place, place]),
  ];
}

/** One work tree of a repository, with the git folder that is its own. */
export interface WorkTree {
  readonly top: string;
  readonly gitDir: string;
}

/**
 * The work trees of a repository, read from git's own files.
 * @param common the shared git folder
 */
export async function workTreesOf(common: string): Promise<WorkTree[]> {
  const main = path.basename(common) === '.git' ? [{ top: path.dirname(common), gitDir: common }] : [];
  const folder = path.join(common, 'worktrees');
  const names = await fs.readdir(folder).catch(() => []);
  const linked = await Promise.all(
    names.map(async (name) => {
      const gitDir = path.join(folder, name);
      const told = (await readCapped(path.join(gitDir, 'gitdir'), 16 * 1024))?.toString('utf8').trim() ?? '';
      return told === '' ? [] : [{ top: path.dirname(path.resolve(gitDir, told)), gitDir }];
    }),
  );
  return [...main, ...linked.flat()];
}
