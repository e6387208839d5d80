import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { type ChangedFile, type Oid, tamperedRef } from '../git/git';
import { EMPTY_FOLDER, NOT_KEPT, shownPath } from '../git/names';
import type { RunLock } from '../lock/runLock';
import type { Project } from '../project';
import { listed } from '../util/text';

/** The copy of `.weld` from before a guest's work. */
export interface Kept {
  readonly kept: Oid;
  /** Whether everything below `.weld` could be kept. */
  readonly whole: boolean;
  /** Number of times that the lock had been removed before the guest began. */
  readonly removals: number;
}

/** What a guest did beyond its task, as sentences. */
export interface Found {
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Restores what a guest must not change: every deleted file and every record. Texts stay as people left them.
 * @param who the guest's label
 * @param now the commit of the present state of `.weld`
 * @param signal stops it; the next command then brings back what is missing
 */
export async function putBack(
  project: Project,
  lock: RunLock,
  who: string,
  { kept, whole, removals }: Kept,
  now: Oid,
  signal?: AbortSignal,
): Promise<Found> {
  const changes = await changesBetween(project, kept, now);
  const files = changes.filter(({ path: file }) => !isMarker(file));
  const known = new Map<string, boolean>();
  for (const { path: file } of files) {
    const run = runOf(file);
    if (run !== '' && !known.has(run))
      known.set(run, (await project.git.readFile(kept, `runs/${run}/meta.json`)) !== null);
  }
  const isOurs = ({ path: file, status }: ChangedFile): boolean =>
    isRecord(file) && (status !== 'added' || (runOf(file) !== '' && (known.get(runOf(file)) ?? true)));
  const undo = files.filter((change) => change.status === 'deleted' || isOurs(change));
  const cleanedUp =
    whole &&
    undo.length > 0 &&
    files.every(({ status }) => status === 'deleted') &&
    (await isCleanUp(project, files, lock.removals > removals));
  if (undo.length > 0) {
    if (!cleanedUp) await project.git.writeRef(lock, tamperedRef(lock.record.run_id), now, 'replace');
    await project.git.removeWeld(
      lock,
      undo.filter(({ status }) => status === 'added').map(({ path: file }) => file),
      signal,
    );
    const markers = changes.filter(({ path: file, status }) => isMarker(file) && status === 'deleted');
    await project.git.bringBackWeld(
      lock,
      kept,
      [...undo.filter(({ status }) => status !== 'added'), ...markers].map(({ path: file }) => file),
      signal,
    );
  }
  const config = files.some(
    ({ path: file, status }) => file === path.basename(project.paths.config) && status !== 'deleted',
  );
  const texts = files.filter((change) => !undo.includes(change) && change.path.startsWith('runs/'));
  return findings(who, tamperedRef(lock.record.run_id), {
    undo,
    texts,
    config,
    cleanedUp,
    lockRemoved: lock.removals > removals,
  });
}

/** Describes what a guest changed below `.weld`. */
function findings(
  who: string,
  ref: string,
  {
    undo,
    texts,
    config,
    cleanedUp,
    lockRemoved,
  }: Record<'undo' | 'texts', readonly ChangedFile[]> & Record<'config' | 'cleanedUp' | 'lockRemoved', boolean>,
): Found {
  return {
    violations:
      undo.length === 0 || cleanedUp
        ? []
        : [
            `${who} changed Weld's own files while it worked ` +
              `(${firstFew(undo.map(({ path: file }) => shownPath(file)))}); they were ` +
              'put back, and ' +
              'what it made of ' +
              `them is kept as ${ref}.`,
          ],
    warnings: [
      ...(cleanedUp
        ? [
            `${who} removed what git does not track below .weld, as a clean-up does ` +
              `(${firstFew(undo.map(({ path: file }) => shownPath(file)))}); it ` +
              'was put back.',
          ]
        : []),
      ...(!cleanedUp && lockRemoved
        ? [`While ${who} worked, the run lock was removed; it was acquired again before anyone else had it.`]
        : []),
      ...(texts.length === 0
        ? []
        : [
            `While ${who} worked, files changed that people write too ` +
              `(${firstFew(texts.map(({ path: file }) => shownPath(file)))}); ` +
              'they were left ' +
              'as they are.',
          ]),
      // Only a warning: a person may do the same, and this operation keeps to the configuration that it has read.
      ...(config
        ? [`While ${who} worked, .weld/config.toml changed; check it before the next operation uses it.`]
        : []),
    ],
  };
}

/** What git may track below `.weld`. */
const SHARED: ReadonlySet<string> = new Set(['.gitignore', 'config.toml']);
/** What may remain below `.weld` after a clean-up: tracked files, and files that are not kept. */
const LEFT: ReadonlySet<string> = new Set([...SHARED, ...NOT_KEPT]);

/**
 * Whether the deletions look like `git clean`: with `-x` it removes everything untracked, also the lock; without, only
 * what is not ignored.
 * @param files the deleted files
 */
async function isCleanUp(project: Project, files: readonly ChangedFile[], lockToo: boolean): Promise<boolean> {
  if (files.every(({ path: file }) => SHARED.has(shownPath(file)))) return true;
  return lockToo && (await fs.readdir(project.paths.root)).every((name) => LEFT.has(name));
}

const isMarker = (file: string): boolean => path.posix.basename(file) === EMPTY_FOLDER;

/** Restores missing files and changes nothing else. @returns their names, relative to `.weld` */
export async function bringBackMissing(project: Project, lock: RunLock, kept: Oid): Promise<readonly string[]> {
  const changes = await changesBetween(project, kept, await currentState(project, lock, kept));
  const missing = changes.filter(({ status }) => status === 'deleted').map(({ path: file }) => file);
  await project.git.bringBackWeld(lock, kept, missing);
  return missing.filter((file) => !isMarker(file)).map(shownPath);
}

/**
 * Records the present state of `.weld` in git, also if all of it was removed.
 * @param kept the commit of the earlier state @returns the commit of the present one
 */
export async function currentState(project: Project, lock: RunLock, kept: Oid, signal?: AbortSignal): Promise<Oid> {
  await fs.mkdir(project.paths.root, { recursive: true });
  return project.git.weldSince(lock, kept, signal);
}

async function changesBetween(project: Project, kept: Oid, now: Oid): Promise<readonly ChangedFile[]> {
  return now === kept ? [] : project.git.changedFiles(kept, now);
}

/** Lists the first three names, and how many more there are. */
export function firstFew(names: readonly string[]): string {
  return listed(names, 3);
}

/**
 * Whether only Weld writes a file: the ignore file, every record, and everything of a step except the prompts, which
 * people may edit before an agent gets them.
 */
function isRecord(file: string): boolean {
  return /^%2egitignore$|^runs(?:\/[^/]+)?$|^runs\/[^/]+\/(?:.*\.json|steps(?:\/[^/]+(?:\/(?!prompt\/).*)?)?)$/su.test(
    file,
  );
}

const runOf = (file: string): string => /^runs\/([^/]+)\//u.exec(file)?.[1] ?? '';
