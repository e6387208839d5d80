import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { RunLock } from '../lock/runLock';
import { isErrno, WeldError } from '../util/errors';
import type { HeadInfo, Oid } from './git';
import { withLooseRefs } from './looseRefs';
import { oid } from './oid';
import { type Ref, RefList } from './refList';
import { commonDir, type GitRunner } from './runGit';
import { lookAgain, type StatFingerprint, statFingerprint } from './statFingerprint';

/** The prefix of branches. */
export const BRANCHES = 'refs/heads/';

/** Weld writes no other refs. Refs below `refs/worktree` belong to one work tree. */
const WELD_REF = /^refs\/(?:worktree\/)?weld\//u;

export async function listRefs(git: GitRunner, prefix: string): Promise<Ref[]> {
  const lines = await git.text([
    'for-each-ref',
    '--format=%(refname) %(objectname)',
    assertWeldRef(prefix).replace(/\/$/, ''),
  ]);
  return lines.split('\n').flatMap((line) => {
    const [name, id] = line.split(' ');
    return name !== undefined && id !== undefined && name.startsWith(prefix) ? [{ name, oid: id as Oid }] : [];
  });
}

/**
 * The refs below each prefix, and the branch that is checked out, read by one git process. `head` is null on a detached
 * HEAD and on a branch without commits.
 */
export async function listRefsAndHead<P extends string>(
  git: GitRunner,
  prefixes: readonly P[],
): Promise<{
  readonly refs: Readonly<Record<P, RefList>>;
  readonly head: { readonly sha: Oid; readonly branch: string } | null;
}> {
  const lines = (
    await git.text(['for-each-ref', '--format=%(HEAD)%(objectname) %(refname)', BRANCHES, ...prefixes])
  ).split('\n');
  const [, sha, branch] = /^\*(\S+) refs\/heads\/(.+)$/u.exec(lines.find((line) => line.startsWith('*')) ?? '') ?? [];
  const below = (prefix: P): RefList =>
    RefList.of(
      lines.filter((line) => line.startsWith(prefix, line.indexOf(' ', 1) + 1)).map((line) => line.slice(1)),
      prefix,
    );
  return {
    refs: Object.fromEntries(prefixes.map((prefix) => [prefix, below(prefix)])) as Record<P, RefList>,
    head: sha !== undefined && branch !== undefined ? { sha: sha as Oid, branch } : null,
  };
}

/** The refs of some groups below a prefix. @param groups the part of the name after the prefix */
export async function listGroups(git: GitRunner, prefix: string, groups: readonly string[]): Promise<RefList> {
  const lines = (
    await git.text(['for-each-ref', '--format=%(objectname) %(refname)', ...groups.map((group) => `${prefix}${group}`)])
  ).split('\n');
  return RefList.of(
    lines.filter((line) => line !== ''),
    prefix,
  );
}

export async function readRef(git: GitRunner, name: string): Promise<Oid | null> {
  return (await listRefs(git, name)).find((ref) => ref.name === name)?.oid ?? null;
}

export async function writeRef(
  git: GitRunner,
  lock: RunLock,
  name: string,
  to: Oid,
  mode: 'create' | 'replace',
): Promise<void> {
  lock.assertHeld();
  // An empty old value makes git refuse a ref that exists.
  await git.bytes(['update-ref', '--no-deref', assertWeldRef(name), oid(to), ...(mode === 'create' ? [''] : [])]);
}

export async function deleteRef(git: GitRunner, lock: RunLock, name: string, seen: Oid): Promise<void> {
  lock.assertHeld();
  const { exitCode } = await git.result(['update-ref', '--no-deref', '-d', assertWeldRef(name), oid(seen)], {
    accept: [0, 1, 128],
  });
  if (exitCode !== 0) await deleteRefs(git, lock, name);
}

export async function deleteRefs(git: GitRunner, lock: RunLock, prefix: string): Promise<void> {
  const refs = await listRefs(git, prefix);
  if (refs.length === 0) return;
  lock.assertHeld();
  await git.bytes(['update-ref', '--no-deref', '-z', '--stdin'], {
    input: refs.map((ref) => `delete ${ref.name}\0${ref.oid}\0`).join(''),
  });
}

function assertWeldRef(name: string): string {
  if (!WELD_REF.test(name) || /[*?[\s]|\.\./.test(name))
    throw new WeldError('INTERNAL', `"${name}" is not a ref of Weld.`);
  return name;
}

/** The prefix of the refs of all runs. */
const RUN_REFS = 'refs/weld/';

/** Refs that make git show one object in place of another. */
const REPLACE_REFS = 'refs/replace/';

interface Answer {
  readonly head: HeadInfo;
  readonly refs: RefList;
  /** Refs below `REPLACE_REFS`. */
  readonly replaced: RefList;
}

interface CachedAnswer {
  readonly answer: Answer;
  headFiles: StatFingerprint;
  readonly replacedFiles: StatFingerprint;
  /** Fingerprints of the loose refs, by run. */
  readonly runFiles: Map<string, StatFingerprint>;
}

/** Maximum number of changed runs whose refs are listed by run; above it all refs are listed. */
const MAX_RUNS_ALONE = 20;

/**
 * HEAD and the refs of runs. Starts git only if their files look changed, and then only for the changed runs: there may
 * be thousands.
 */
export class HeadAndRefs {
  private cached: CachedAnswer | undefined;

  /** @param gitDir of this work tree, also a linked one */
  constructor(
    private readonly git: GitRunner,
    private readonly gitDir: string,
  ) {}

  /** HEAD only; does not check the refs of runs, of which there may be many. */
  async head(): Promise<HeadInfo> {
    const { cached } = this;
    return cached && (await this.isHeadUnchanged(cached, (await this.files()).headFiles))
      ? cached.answer.head
      : (await this.read()).head;
  }

  async read(): Promise<Answer> {
    const { cached } = this;
    const files = await this.files();
    const runs: readonly string[] | null = await fs
      .readdir(files.runRefs)
      .catch((error: unknown): string[] | null => (isErrno(error, 'ENOENT') ? [] : null));
    if (
      cached &&
      runs &&
      (await this.isHeadUnchanged(cached, files.headFiles)) &&
      (await isUnchanged(cached.replacedFiles, [files.replacedRefs]))
    ) {
      const there = new Set(runs);
      const changed = await changedRuns(cached, files.runRefs, there);
      if (changed.length === 0) return cached.answer;
      if (changed.length <= MAX_RUNS_ALONE) return this.readRuns(cached, files.runRefs, there, changed);
    }
    // Taken before git answers, so that a change in between is noticed the next time.
    const headFiles = await statFingerprint(files.headFiles, { follow: true });
    const replacedRefs = await statFingerprint([files.replacedRefs], { follow: true });
    const runRefs = new Map<string, StatFingerprint>();
    for (const run of runs ?? [])
      runRefs.set(run, await statFingerprint([path.join(files.runRefs, run)], { follow: true }));
    const { head, refs } = await listRefsAndHead(this.git, [RUN_REFS, REPLACE_REFS]);
    const answer = {
      head: head ?? (await this.headWithoutBranch()),
      refs: refs[RUN_REFS],
      replaced: refs[REPLACE_REFS],
    };
    // Without a branch, HEAD may depend on any file.
    this.cached = head && runs ? { answer, headFiles, replacedFiles: replacedRefs, runFiles: runRefs } : undefined;
    return answer;
  }

  /**
   * @param folder with the loose refs of runs @param runs all runs with loose refs @param changed runs to read again
   */
  private async readRuns(
    cached: CachedAnswer,
    folder: string,
    runs: ReadonlySet<string>,
    changed: readonly string[],
  ): Promise<Answer> {
    const runRefs = new Map([...cached.runFiles].filter(([run]) => runs.has(run)));
    const known: string[] = [];
    const unknown: string[] = [];
    for (const run of changed) {
      const [earlier, group] = [cached.runFiles.get(run), path.join(folder, run)];
      const now = runs.has(run) ? await statFingerprint([group], { follow: true }) : null;
      if (now) runRefs.set(run, now);
      const [prefix, lines] = [`${RUN_REFS}${run}/`, cached.answer.refs.group(run)];
      const read = earlier && now ? withLooseRefs({ folder: group, prefix, lines, earlier, now }) : null;
      if (read) known.push(...read);
      else unknown.push(run);
    }
    const listed = unknown.length === 0 ? null : await listGroups(this.git, RUN_REFS, unknown);
    const refs = cached.answer.refs.with(changed, RefList.of(known, RUN_REFS));
    const answer = { ...cached.answer, refs: listed ? refs.with(unknown, listed) : refs };
    this.cached = { ...cached, runFiles: runRefs, answer };
    return answer;
  }

  private async isHeadUnchanged(cached: CachedAnswer, files: readonly string[]): Promise<boolean> {
    const same = await lookAgain(cached.headFiles, files, { follow: true });
    if (same !== null) cached.headFiles = same;
    return same !== null;
  }

  private async files(): Promise<{
    readonly headFiles: readonly string[];
    readonly runRefs: string;
    readonly replacedRefs: string;
  }> {
    const common = await commonDir(this.gitDir);
    const shared = (name: string): string => path.join(common, name);
    return {
      headFiles: [path.join(this.gitDir, 'HEAD'), ...['packed-refs', 'reftable', BRANCHES].map(shared)],
      runRefs: shared(RUN_REFS),
      replacedRefs: shared(REPLACE_REFS),
    };
  }

  /** HEAD if it is detached or its branch has no commit. */
  private async headWithoutBranch(): Promise<HeadInfo> {
    const { exitCode, stdout } = await this.git.result(['rev-parse', 'HEAD^{commit}', '--symbolic-full-name', 'HEAD'], {
      accept: [0, 128],
    });
    const [sha = null, name = ''] = exitCode === 0 ? Buffer.from(stdout).toString('utf8').split('\n') : [];
    // Without a commit, HEAD only names the branch to create.
    const branch = sha === null ? await this.git.text(['symbolic-ref', '--quiet', 'HEAD'], { accept: [0, 1] }) : name;
    return { sha: sha as Oid | null, branch: branch.startsWith(BRANCHES) ? branch.slice(BRANCHES.length) : null };
  }
}

/** @param folder with the loose refs of runs @param there all runs with loose refs */
async function changedRuns(
  { runFiles }: CachedAnswer,
  folder: string,
  there: ReadonlySet<string>,
): Promise<readonly string[]> {
  const changed = [...runFiles.keys()].filter((run) => !there.has(run));
  for (const run of there) {
    const earlier = runFiles.get(run);
    const same = earlier ? await lookAgain(earlier, [path.join(folder, run)], { follow: true }) : null;
    if (same === null) changed.push(run);
    else runFiles.set(run, same);
  }
  return changed;
}

const isUnchanged = async (earlier: StatFingerprint, files: readonly string[]): Promise<boolean> =>
  (await lookAgain(earlier, files, { follow: true })) !== null;
