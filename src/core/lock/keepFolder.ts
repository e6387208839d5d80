import { isErrno } from '../errors';
import { type FileStat, type Handle, nodeFs, sameFile } from './fs';
import type { Keeping } from './hold';
import type { LockFolder } from './lockFolder';
import type { LockNames } from './names';
import { beaten, formatRecord, freed } from './record';
import { removeJudged } from './removeJudged';
import type { LockRecord } from './types';

interface Face {
  readonly handle: Handle;
  readonly stat: FileStat;
}

/**
 * Keeps a lock by its folder and its face. The face stays open: so it is known from any later one, and its record is
 * changed in place, so that nobody else's ever is.
 */
export class KeepFolder implements Keeping {
  /** Whoever removes the folder has it. */
  readonly removals = 0;

  private constructor(
    private readonly names: LockNames,
    private readonly folder: LockFolder,
    public record: LockRecord,
    private face: Face,
    private readonly who: () => LockRecord | null,
  ) {}

  /** @param who has the lock now; @returns null when somebody else's face stands there */
  static show(
    names: LockNames,
    folder: LockFolder,
    record: LockRecord,
    who: () => LockRecord | null,
  ): KeepFolder | null {
    const face = create(names, record);
    return face && new KeepFolder(names, folder, record, face, who);
  }

  get weldDir(): string {
    return this.names.weldDir;
  }

  assert(): boolean {
    if (!this.folder.isMine()) return false;
    const there = nodeFs.lstat(this.names.face);
    if (there) return sameFile(there, this.face.stat);
    // Somebody has removed it, and nobody can have got the folder meanwhile.
    const again = create(this.names, this.record);
    if (!again) return false;
    nodeFs.close(this.face.handle);
    this.face = again;
    return this.folder.isMine();
  }

  beat(at: number): boolean {
    if (!this.assert()) return false;
    this.record = beaten(this.record, at);
    nodeFs.write(this.face.handle, formatRecord(this.record));
    return true;
  }

  async release(): Promise<void> {
    this.letGo();
    await this.folder.giveBack();
  }

  lose(): void {
    this.letGo();
    void this.folder.giveBack().catch(() => undefined);
  }

  successor(): LockRecord | null {
    const now = this.who();
    return now && now.token !== this.record.token ? now : null;
  }

  private letGo(): void {
    try {
      attempt(() => removeJudged(this.names, this.names.face, (file) => nodeFs.is(file, this.face.stat)));
      // A face that could not be removed says at least that it is free.
      attempt(() => {
        nodeFs.write(this.face.handle, formatRecord(freed(this.record)));
      });
    } finally {
      nodeFs.close(this.face.handle);
    }
  }
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isErrno(error)) throw error;
  }
}

/** @returns null when the name is taken */
function create(names: LockNames, record: LockRecord): Face | null {
  let handle: Handle;
  try {
    handle = nodeFs.createNew(names.face);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return null;
    throw error;
  }
  try {
    nodeFs.write(handle, formatRecord(record));
    return { handle, stat: nodeFs.fstat(handle) };
  } catch (error) {
    nodeFs.close(handle);
    nodeFs.unlink(names.face);
    throw error;
  }
}
