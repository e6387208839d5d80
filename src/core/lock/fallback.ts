import { isErrno, WeldError } from '../util/errors';
import { admits } from './acquire';
import { removeJudged } from './claim';
import { realFolders } from './folders';
import { type FileStat, type Handle, nodeFs, sameFile } from './fs';
import type { LockHandle, Outcome } from './hold';
import { displaceFolder, FOLDER_STALE_MS, type LockFolder, takeFolder } from './lockFolder';
import type { LockNames } from './lockNames';
import { runNow } from './program';
import { beaten, describeHolder, formatRecord, freed } from './record';
import type { LockRecord } from './runLock';
import { end, refusal, type Survey, type SurveyInput, stateOf, survey } from './survey';

/**
 * Tries once to take the lock where hard links do not exist. `proper-lockfile` is the lock, and `active.lock` is its
 * record for people and other tools. The lock is held only while both belong to this process.
 * @param record the record to write to `active.lock`
 * @param takeOver token of a live holder that may be displaced
 */
export async function acquireByLockfile(
  input: SurveyInput,
  record: LockRecord,
  takeOver: string | undefined,
): Promise<Outcome> {
  const { names } = input;
  const wrong = realFolders(names);
  if (wrong) return { kind: 'refused', error: wrong };
  const before = judged(input);
  if (!admits(before, takeOver)) return { kind: 'refused', error: refusal(stateOf(before)) };
  if (before.state === 'live' && !displaceFolder(names, () => judged(input).holder?.token === takeOver))
    return { kind: 'raced' };
  const folder = await takeFolder(names);
  if (!folder) return { kind: 'refused', error: busy(before, input.now) };
  let got: Outcome = { kind: 'raced' };
  try {
    got = under(folder, input, record, takeOver);
  } finally {
    if (got.kind !== 'acquired') await folder.giveBack();
  }
  return got;
}

/** Acquires once the folder is ours. It judges again, because the command-line Weld ignores the folder. */
function under(folder: LockFolder, input: SurveyInput, record: LockRecord, takeOver: string | undefined): Outcome {
  const { names } = input;
  const now = judged(input);
  if (!admits(now, takeOver)) return { kind: 'refused', error: refusal(stateOf(now)) };
  const face = now.face?.stat;
  if (face && !removeJudged(names, names.face, (file) => nodeFs.is(file, face))) return { kind: 'raced' };
  // A record without an epoch is judged by its process alone; there is no log of claims here.
  const { epoch: _none, ...shown } = record;
  const handle = FallbackHandle.show(names, folder, shown, () => judged(input).holder);
  if (!handle) return { kind: 'raced' };
  if (handle.assert()) return { kind: 'acquired', handle };
  handle.lose();
  return { kind: 'raced' };
}

function judged(input: SurveyInput): Survey {
  const found = runNow(nodeFs, survey(input));
  runNow(nodeFs, end(found));
  return found;
}

/** The error when `active.lock` shows no holder, but another process has the folder. @param now wall-clock ms */
function busy({ holder, state, why }: Survey, now: number): WeldError {
  const sentence =
    state === 'dead' && holder
      ? `The run lock was left by ${describeHolder(holder, now)}, but ${why}; on this file system it can be taken ` +
        `${FOLDER_STALE_MS / 1000} s after its last heartbeat, so ` +
        'try again then.'
      : 'Another process is taking the run lock; wait a moment and try again.';
  return new WeldError('LOCK_UNREADABLE', sentence);
}

interface Face {
  readonly handle: Handle;
  readonly stat: FileStat;
}

/**
 * Holds a lock by its folder and its face. The face stays open: so it can be told from any later one, and its record is
 * changed in place, never another process's.
 */
export class FallbackHandle implements LockHandle {
  /** Always 0, because a removed folder is a lost lock. */
  readonly removals = 0;

  private constructor(
    private readonly names: LockNames,
    private readonly folder: LockFolder,
    public record: LockRecord,
    private face: Face,
    private readonly who: () => LockRecord | null,
  ) {}

  /** @param who reads who has the lock now; @returns null when another process's face exists */
  static show(
    names: LockNames,
    folder: LockFolder,
    record: LockRecord,
    who: () => LockRecord | null,
  ): FallbackHandle | null {
    const face = create(names, record);
    return face && new FallbackHandle(names, folder, record, face, who);
  }

  get weldDir(): string {
    return this.names.weldDir;
  }

  assert(): boolean {
    if (!this.folder.isMine()) return false;
    const there = nodeFs.lstat(this.names.face);
    if (there) return sameFile(there, this.face.stat);
    // The face was removed, but no other process can have taken the folder meanwhile.
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
      // If the face could not be removed, mark it free.
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

/** Writes a new face. @returns null when one exists already */
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
