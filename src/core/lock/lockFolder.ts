import * as fs from 'node:fs';
import { isErrno } from '../util/errors';
import { removeJudged } from './claim';
import { nodeFs } from './fs';
import type { LockNames } from './lockNames';

/** Time in ms after which a folder is taken from a holder that does not update it. */
export const FOLDER_STALE_MS = 20_000;

/** A lock of `proper-lockfile` that can be told from a later one of the same name. */
export interface LockFolder {
  /** @returns false when the folder is gone, belongs to another process, or could not be kept fresh */
  isMine(): boolean;
  /** Removes the folder if it is ours; otherwise does nothing. */
  giveBack(): Promise<void>;
}

const folderOf = (names: LockNames): string => names.inFolder('fallback');

/** Takes the folder. @returns null when another process has it */
export async function takeFolder(names: LockNames): Promise<LockFolder | null> {
  nodeFs.mkdir(names.folder);
  const known = new KnownFolder(names);
  let compromised = false;
  let unlock: () => Promise<void>;
  // Loaded here, because only a disk without hard links needs it.
  const { lock } = await import('proper-lockfile');
  try {
    unlock = await lock(names.weldDir, {
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
      // Unlocking checks only the name, so it could end the updates of this process's next lock.
      if (!compromised && known.stands()) await unlock();
      else known.remove();
      known.forget();
    },
  };
}

/**
 * Takes the folder from a live holder, because a person decided so.
 * @param stillShown whether `active.lock` still shows the holder that the person saw
 * @returns false when the holder has changed
 */
export function displaceFolder(names: LockNames, stillShown: () => boolean): boolean {
  const folder = idOf(folderOf(names));
  return (
    stillShown() &&
    (folder === null || removeJudged(names, folderOf(names), (file) => idOf(file) === folder && stillShown()))
  );
}

/** Identifies a folder. The creation time is part of it, because a removed folder's number is soon reused. */
function idOf(folder: string): string | null {
  const stat = fs.lstatSync(folder, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.dev} ${stat.ino} ${stat.birthtimeNs}` : null;
}

type Done = (error: Error | null, stat?: fs.Stats) => void;

/**
 * `proper-lockfile` removes its folder by name, also at exit, even when another process has it by then. Through these
 * calls it removes only the folder that it took or read before.
 */
class KnownFolder {
  private id: string | null = null;
  private mine = false;
  /** An open descriptor of the folder: on exFAT a file's number is made up on opening and lasts while it is open. */
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
      // Read before the folder's time, so that this folder is never a later holder's than the time.
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
      // Windows cannot open folders, but its numbers last.
      if (!isErrno(error)) throw error;
    }
    this.id = idOf(folder);
    this.mine = true;
  }
}
