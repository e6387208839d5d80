import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isErrno, WeldError } from '../errors';
import type { RawChange } from './diff';
import { encodeName, showName } from './names';
import { inFolderOf, looksOf, notChangeable, placeNew } from './placing';

/**
 * Moves what is replaced aside, and what replaces it to its place; takes all of it back when one cannot be done.
 * @param hold a folder with the new files below `new`; what is moved aside stands in it until the caller removes it
 * @param looks of the files that are replaced: one that looks otherwise by now was saved, and stays as it was saved
 */
export async function exchange(
  top: string,
  changes: readonly RawChange[],
  hold: string,
  looks: ReadonlyMap<string, string>,
): Promise<void> {
  const back: (() => Promise<unknown>)[] = [];
  const attempt = async (file: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // what was saved in between stands in its way, and stays
      for (const undo of back.reverse()) await undo().catch(() => undefined);
      if (error instanceof WeldError) throw error;
      throw isErrno(error, 'EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'ELOOP')
        ? savedMeanwhile(file)
        : notChangeable(file, error);
    }
  };
  for (const [n, { path: file }] of changes.entries()) {
    const look = looks.get(file);
    if (look === undefined) continue;
    const aside = path.join(hold, String(n));
    await attempt(file, async () => {
      const moved = await inFolderOf(top, file, false, async (place) => {
        if ((await looksOf(place)) !== look) throw savedMeanwhile(file);
        return moveAway(place, aside, () =>
          looksOf(place).then((now) => {
            if (now !== look) throw savedMeanwhile(file);
          }),
        );
      });
      if (moved === null) throw savedMeanwhile(file);
      back.push(() => inFolderOf(top, file, true, (place) => placeNew(aside, place)));
      if (moved === 'renamed' && (await looksOf(aside)) !== look) throw savedMeanwhile(file);
    });
  }
  for (const { path: file } of changes) if (looks.has(file)) await dropEmptyFolders(top, file);
  for (const { path: file, status } of changes) {
    if (status === 'deleted') continue;
    await attempt(file, async () => {
      const fresh = Buffer.concat([Buffer.from(path.join(hold, 'new') + path.sep), encodeName(file)]);
      await inFolderOf(top, file, true, async (place) => {
        // a folder that has become empty; anything else was saved
        if ((await looksOf(place)) !== null) await fs.rmdir(place);
        await placeNew(fresh, place);
        const placed = await looksOf(place);
        back.push(() =>
          inFolderOf(top, file, false, async (again) => {
            if ((await looksOf(again)) === placed) await fs.unlink(again);
          }),
        );
      });
    });
  }
}

/** @param assertSame throws where the file is another than the one that was looked at */
async function moveAway(
  place: string | Buffer,
  aside: string,
  assertSame: () => Promise<void>,
): Promise<'renamed' | 'copied'> {
  try {
    await fs.rename(place, aside);
    return 'renamed';
  } catch (error) {
    if (!isErrno(error, 'EXDEV')) throw error;
    await placeNew(place, aside);
    await assertSame();
    await fs.unlink(place);
    return 'copied';
  }
}

async function dropEmptyFolders(top: string, file: string): Promise<void> {
  const parts = file.split('/');
  while (parts.pop() !== undefined && parts.length > 0) {
    const empty = await inFolderOf(top, parts.join('/'), false, (place) =>
      fs.rmdir(place).then(
        () => true,
        () => false,
      ),
    );
    if (empty !== true) return; // not empty, or busy
  }
}

/** A file was saved after it was looked at. */
export function savedMeanwhile(file: string): WeldError {
  return new WeldError(
    'GIT_FAILED',
    `${showName(file)} was saved while files were being restored, so nothing was restored and it is kept; try again.`,
  );
}
