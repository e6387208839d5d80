import * as path from 'node:path';
import type { Guests } from '../guard/types';
import type { RunLock } from '../lock/types';
import { Filters } from './filters';
import { copyIndex, type IndexStamp, makePrivateIndex, privateIndex, seeEverything, stampOf } from './private-index';
import type { GitRunner } from './run-git';
import { readStatus, type StatusEntry } from './status';
import type { CapturedTree, Oid } from './types';
import { bringIn, intakeOf, withoutWelds } from './worktree';

/** What a private index holds, so that the next capture needs to look only at what changed since. */
interface Warm {
  readonly index: string;
  readonly of: IndexStamp;
  readonly exclude: IndexStamp;
  readonly include: string;
  readonly ours: Set<string>;
  /** The tree it was last written as. */
  tree: Oid | undefined;
}

export interface CaptureOptions {
  readonly include?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Writes the work tree as a tree object through an index of its own, which is kept from one capture to the next. */
export class TreeCapture {
  private warm: Warm | undefined;
  private readonly filters: Filters;

  /** @param gitDir where the person's index is */
  constructor(private readonly git: GitRunner, private readonly gitDir: string, private readonly guests: Guests) {
    this.filters = new Filters(git, gitDir);
  }

  async capture(lock: RunLock, options: CaptureOptions = {}): Promise<CapturedTree> {
    lock.assertHeld();
    const index = await makePrivateIndex(this.gitDir, lock, 'capture');
    return this.filters.beside({ guests: this.guests, lock, index, signal: options.signal }, (git) => this.captureBeside(git, lock, options));
  }

  private async captureBeside(git: GitRunner, lock: RunLock, options: CaptureOptions): Promise<CapturedTree> {
    const { signal } = options;
    const include = new Set(options.include ?? []);
    const found = this.warm;
    this.warm = undefined; // whatever throws from here on leaves nothing to build upon
    let state = found && (await this.fits(found, lock, include)) ? found : await this.seed(lock, include);
    let status = await readStatus(git, { index: state.index, signal });
    if (state === found && status.some(changesRules)) {
      state = await this.seed(lock, include);
      status = await readStatus(git, { index: state.index, signal });
    }
    const intake = await intakeOf(this.git.cwd, status, { include, ours: state.ours });
    lock.assertHeld();
    await bringIn(git, state.index, intake, signal);
    for (const entry of status) if (entry.unstaged === '?' && intake.take.includes(entry.path)) state.ours.add(entry.path);
    for (const gone of intake.drop) state.ours.delete(gone);
    const same = intake.take.length === 0 && intake.drop.length === 0;
    state.tree = (same ? state.tree : undefined) ?? (await this.git.text(['write-tree'], { index: state.index, signal }));
    this.warm = state;
    return { tree: state.tree, leftOut: intake.leftOut };
  }

  /** The private index is good as long as nobody changed what is tracked, what is ignored, or what is wanted. */
  private async fits(warm: Warm, lock: RunLock, include: ReadonlySet<string>): Promise<boolean> {
    return warm.index === privateIndex(this.gitDir, lock, 'capture') && warm.include === keyOf(include)
      && warm.of === (await stampOf(this.userIndex)) && warm.exclude === (await stampOf(this.userExclude)) && (await stampOf(warm.index)) !== '';
  }

  private async seed(lock: RunLock, include: ReadonlySet<string>): Promise<Warm> {
    const index = privateIndex(this.gitDir, lock, 'capture');
    const [of, exclude] = await Promise.all([stampOf(this.userIndex), stampOf(this.userExclude)]);
    await copyIndex(lock, this.userIndex, index);
    await withoutWelds(this.git, index);
    await seeEverything(this.git, index);
    return { index, of, exclude, include: keyOf(include), ours: new Set(), tree: undefined };
  }

  private get userIndex(): string { return path.join(this.gitDir, 'index'); }
  private get userExclude(): string { return path.join(this.gitDir, 'info', 'exclude'); }
}

/** A change of these may make files ignored that the private index has, or the other way round. */
function changesRules(entry: StatusEntry): boolean {
  return entry.unstaged !== ' ' && path.posix.basename(entry.path) === '.gitignore';
}

const keyOf = (include: ReadonlySet<string>): string => [...include].sort().join('\0');
