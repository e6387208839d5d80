import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isErrno, WeldError } from '../util/errors';
import { lstat } from '../util/files';
import type { RawChange } from './diff';
import { encodeName, onDisk, showName } from './names';

type Place = string | Buffer;

/**
 * Runs `work` in the parent folder of a file of the work tree. On Linux, opens each folder of the path in turn and
 * works through the open folder, so that swapping one for a link has no effect.
 * @param file relative to `top` @param make whether missing folders are created
 * @returns the result of `work`, or null if a folder is missing and not created
 */
export async function inParentFolder<T>(
  top: string,
  file: string,
  make: boolean,
  work: (place: Place) => Promise<T>,
): Promise<T | null> {
  const parts = file.split('/');
  const name = parts.pop() ?? '';
  let folder = await fs.open(top, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    for (const [depth, part] of parts.entries()) {
      const next = pathIn(folder.fd, part, onDisk(top, parts.slice(0, depth + 1).join('/')));
      if (make)
        await fs.mkdir(next).catch((error: unknown) => {
          if (!isErrno(error, 'EEXIST')) throw error;
        });
      const inner = await fs
        .open(next, constants.O_RDONLY | constants.O_DIRECTORY | (constants.O_NOFOLLOW ?? 0))
        .catch((error: unknown) => {
          if (!make && isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return null;
          throw error;
        });
      if (!inner) return null;
      await folder.close();
      folder = inner;
    }
    return await work(pathIn(folder.fd, name, onDisk(top, file)));
  } finally {
    await folder.close();
  }
}

/** The path of a name in an open folder; on other systems the ordinary path. */
function pathIn(fd: number, name: string, otherwise: Place): Place {
  return process.platform === 'linux'
    ? Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), encodeName(name)])
    : otherwise;
}

/** The stat data of a file; if it differs later, the file was saved in between. */
export async function statKey(place: Place): Promise<string | null> {
  const stat = await fs.lstat(place, { bigint: true }).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  });
  return stat && `${stat.mode} ${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}

/** Gives a file a new name. @throws the error of `link`: `EEXIST` if the name exists */
export async function linkOrCopy(from: Place, to: Place): Promise<void> {
  try {
    await fs.link(from, to);
  } catch (error) {
    if (!isErrno(error, 'EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'ENOSYS')) throw error;
    const stat = await fs.lstat(from);
    if (stat.isSymbolicLink()) await fs.symlink(await fs.readlink(from, { encoding: 'buffer' }), to);
    else await fs.copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

/** @throws WeldError `NOT_WRITABLE` if the folder of a file cannot be changed */
export async function assertChangeable(top: string, file: string): Promise<void> {
  const parts = file.split('/');
  for (let depth = parts.length - 1; depth >= 0; depth--) {
    const folder = depth === 0 ? top : onDisk(top, parts.slice(0, depth).join('/'));
    if (!(await lstat(folder))?.isDirectory()) continue;
    try {
      await fs.access(folder, fs.constants.W_OK | fs.constants.X_OK);
      return;
    } catch (error) {
      throw notChangeable(file, error);
    }
  }
}

export function notChangeable(file: string, cause: unknown): WeldError {
  return new WeldError(
    'NOT_WRITABLE',
    `${showName(file)} cannot be replaced, so nothing was restored; allow its folder to be changed and try again.`,
    { cause },
  );
}

/**
 * Moves the old files aside and the new ones into place; undoes everything if one of them fails.
 * @param hold a folder with the new files below `new`; also takes the old files, until the caller removes it
 * @param keys stat keys of the old files; one that differs now was saved meanwhile, and is kept
 */
export async function replaceFiles(
  top: string,
  changes: readonly RawChange[],
  hold: string,
  keys: ReadonlyMap<string, string>,
): Promise<void> {
  const back: (() => Promise<unknown>)[] = [];
  const attempt = async (file: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // an undo fails if a file was saved meanwhile; that file is kept
      for (const undo of back.reverse()) await undo().catch(() => undefined);
      if (error instanceof WeldError) throw error;
      throw isErrno(error, 'EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'ELOOP')
        ? changedMeanwhile(file)
        : notChangeable(file, error);
    }
  };
  for (const [n, { path: file }] of changes.entries()) {
    const key = keys.get(file);
    if (key === undefined) continue;
    const aside = path.join(hold, String(n));
    await attempt(file, async () => {
      const moved = await inParentFolder(top, file, false, async (place) => {
        if ((await statKey(place)) !== key) throw changedMeanwhile(file);
        return moveOrCopy(place, aside, () =>
          statKey(place).then((now) => {
            if (now !== key) throw changedMeanwhile(file);
          }),
        );
      });
      if (moved === null) throw changedMeanwhile(file);
      back.push(() => inParentFolder(top, file, true, (place) => linkOrCopy(aside, place)));
      if (moved === 'renamed' && (await statKey(aside)) !== key) throw changedMeanwhile(file);
    });
  }
  for (const { path: file } of changes) if (keys.has(file)) await removeEmptyFolders(top, file);
  for (const { path: file, status } of changes) {
    if (status === 'deleted') continue;
    await attempt(file, async () => {
      const fresh = Buffer.concat([Buffer.from(path.join(hold, 'new') + path.sep), encodeName(file)]);
      await inParentFolder(top, file, true, async (place) => {
        // only an empty folder may be here; anything else was saved meanwhile
        if ((await statKey(place)) !== null) await fs.rmdir(place);
        await linkOrCopy(fresh, place);
        const placed = await statKey(place);
        back.push(() =>
          inParentFolder(top, file, false, async (again) => {
            if ((await statKey(again)) === placed) await fs.unlink(again);
          }),
        );
      });
    });
  }
}

/** @param assertSame throws if the file has changed since it was checked */
async function moveOrCopy(
  place: string | Buffer,
  aside: string,
  assertSame: () => Promise<void>,
): Promise<'renamed' | 'copied'> {
  try {
    await fs.rename(place, aside);
    return 'renamed';
  } catch (error) {
    if (!isErrno(error, 'EXDEV')) throw error;
    await linkOrCopy(place, aside);
    await assertSame();
    await fs.unlink(place);
    return 'copied';
  }
}

async function removeEmptyFolders(top: string, file: string): Promise<void> {
  const parts = file.split('/');
  while (parts.pop() !== undefined && parts.length > 0) {
    const empty = await inParentFolder(top, parts.join('/'), false, (place) =>
      fs.rmdir(place).then(
        () => true,
        () => false,
      ),
    );
    if (empty !== true) return; // not empty, or busy
  }
}

/** A file was saved after it was checked. */
export function changedMeanwhile(file: string): WeldError {
  return new WeldError(
    'GIT_FAILED',
    `${showName(file)} was saved while files were being restored, so nothing was restored and it is kept; try again.`,
  );
}
