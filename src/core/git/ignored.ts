import * as fs from 'node:fs';
import { WeldPaths } from '../artifacts/paths';
import { orNull } from '../orNull';
import { decodeName, onDisk } from './names';
import type { GitRunner } from './run-git';

/** So many ignored files are looked at, not a whole folder of packages at every iteration. */
const MOST = 20_000;
/** So many before others get their turn. */
const AT_ONCE = 200;

export interface Ignored {
  readonly files: readonly string[];
  readonly all: boolean;
}

/**
 * Ignored files that changed since a moment, relative to the top, nothing below `.weld`: no difference has them. Times
 * are
 * the file system's, which no program can set back (`ctime`).
 * @param known ignored files and folders, where a look has just told them; else git is asked
 * @param since wall-clock ms @returns `all`: false where there were more than are looked at
 */
export async function ignoredSince(
  git: GitRunner,
  known: readonly string[] | undefined,
  since: number,
  signal?: AbortSignal,
): Promise<Ignored> {
  const told =
    known ??
    (await git.fields(['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z'], { signal }));
  const queue = told
    .filter((name) => name.split('/', 1)[0] !== WeldPaths.folderName)
    .map((name) => (name.endsWith('/') ? name.slice(0, -1) : name))
    .reverse();
  const found: string[] = [];
  let looked = 0;
  for (let name = queue.pop(); name !== undefined && looked < MOST; name = queue.pop()) {
    const file = onDisk(git.cwd, name);
    const stat = orNull(() => fs.lstatSync(file));
    if (stat?.isDirectory())
      queue.push(
        ...(orNull(() => fs.readdirSync(file, { encoding: 'buffer' })) ?? []).map(
          (entry) => `${name}/${decodeName(entry)}`,
        ),
      );
    else if (stat && stat.ctimeMs >= since) found.push(name);
    if (++looked % AT_ONCE !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  return { files: found, all: queue.length === 0 };
}
