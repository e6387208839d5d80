import * as fs from 'node:fs';
import * as lockfile from 'proper-lockfile';
import { isErrno } from '../util/errors';
import { removeJudged } from './claim';
import { nodeFs } from './fs';
import type { LockNames } from './names';

/** Time in ms after which a folder is taken from a holder that gives no sign. */
export const FOLDER_STALE_MS = 20_000;

/** A lock of `proper-lockfile`, told from a later one of the same name. */
export interface LockFolder {
  /** @returns false when the folder is gone or another's, or could not be kept fresh */
  isMine(): boolean;
  /** Removes the folder if it is ours; otherwise nothing. */
  giveBack(): Promise<void>;
}

const folderOf = (names: LockNames): string => names.inFolder('fallback');

/** @returns null when somebody has it */
export async function takeFolder(names: LockNames): Promise<LockFolder | null> {
  nodeFs.mkdir(names.folder);
  const known = new KnownFolder(names);
  let compromised = false;
  let unlock: () => Promise<void>;
  try {
    unlock = await lockfile.lock(names.weldDir, {
      lockfilePath: folderOf(names),
      realpath: false,
      stale: FOLDER_STALE_MS,
      fs: known.calls,
      onCompromised: () => {
        compromised = true;
      },
    });
  } catch (error) {
    if (isErrno(error, 'ELOCKED')) return null;
    throw error;
  }
  return {
    isMine: () => !compromised && known.stands(),
    async giveBack() {
      // Unlocking goes by the name alone, and could end the updates of this process's next lock.
      if (!compromised && known.stands()) await unlock();
      else known.remove();
      known.forget();
    },
  };
}

/**
 * Takes the folder away from a live holder, by a person's decision.
 * @param stillShown whether `active.lock` says what the person was shown; @returns false when the holder has changed
 */
export function displaceFolder(names: LockNames, stillShown: () => boolean): boolean {
  const folder = idOf(folderOf(names));
  return (
    stillShown() &&
    (folder === null || removeJudged(names, folderOf(names), (file) => idOf(file) === folder && stillShown()))
  );
}

/** With the time of its making, because the number of a folder that was removed is soon given out again. */
function idOf(folder: string): string | null {
  const stat = fs.lstatSync(folder, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.dev} ${stat.ino} ${stat.birthtimeNs}` : null;
}

type Done = (error: Error | null, stat?: fs.Stats) => void;

/**
 * `proper-lockfile` removes its folder by name, also at exit, whoever's it is by then; through these calls it removes
 * none but the one that it has looked at.
 */
class KnownFolder {
  private id: string | null = null;
  private mine = false;
  /** Where numbers are made up as files are opened (exFAT), they last as long as the file is open. */
  private pin: number | null = null;

  constructor(private readonly names: LockNames) {}

  readonly calls = {
    ...fs,
    mkdir: (folder: string, done: Done): void => {
      fs.mkdir(folder, (error) => {
        if (!error) this.claim(folder);
        done(error);
      });
    },
    stat: (folder: string, done: Done): void => {
      // Before its time is read, so that this is never the folder of a later holder than the time.
      if (!this.mine) this.id = idOf(folder);
      fs.stat(folder, done);
    },
    rmdir: (_folder: string, done: Done): void => {
      try {
        this.remove();
        done(null);
      } catch (error) {
        done(error as Error);
      }
    },
    rmdirSync: (): void => {
      this.remove();
    },
  };

  stands(): boolean {
    return this.id !== null && idOf(folderOf(this.names)) === this.id;
  }

  remove(): void {
    removeJudged(this.names, folderOf(this.names), (file) => this.id !== null && idOf(file) === this.id);
  }

  forget(): void {
    if (this.pin !== null) nodeFs.close(this.pin);
    this.pin = null;
  }

  private claim(folder: string): void {
    try {
      this.pin = fs.openSync(folder, 'r');
    } catch (error) {
      // Windows opens no folders, and its numbers last.
      if (!isErrno(error)) throw error;
    }
    this.id = idOf(folder);
    this.mine = true;
  }
}
