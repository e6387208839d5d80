import * as fs from 'node:fs/promises';
import type { HeadInfo, Oid } from '../git/types';
import type { RunLock } from '../lock/types';
import type { Project } from '../project';
import { named } from './putBack';
import type { Guest } from './types';

/** What an agent has no business with in a repository, as it stood before it worked. */
export interface RepositoryState {
  readonly head: HeadInfo;
  /** Weld's refs of the runs that stand here, by name: other work trees of the repository have their own. */
  readonly refs: ReadonlyMap<string, Oid>;
  readonly runs: ReadonlySet<string>;
  /** Digests of configuration, hooks and the like, by path below the git folder. */
  readonly settings: ReadonlyMap<string, string>;
}

export async function repositoryState(project: Project): Promise<RepositoryState> {
  const { git, paths } = project;
  const [{ head, refs }, settings, names] = await Promise.all([git.headAndRefs(), git.settings(), fs.readdir(paths.runs).catch(() => [])]);
  const runs = new Set(names);
  return { head, refs: ofRuns(refs, runs), runs, settings };
}

/** @returns a sentence for each thing that is not as it was; refs are put back, the rest is for the person to judge */
export async function judgeRepository(project: Project, lock: RunLock, guest: Guest, before: RepositoryState): Promise<string[]> {
  const { git } = project;
  const [{ head, refs }, settings] = await Promise.all([git.headAndRefs(), git.settings()]);
  const moved = await putBackRefs(project, lock, before, ofRuns(refs, before.runs));
  const found = moved.length === 0 ? [] : [`${guest.label} changed what Weld keeps in git while it worked (${named(moved)}); it was put back.`];
  // A person who does the task may well commit and configure; a program was asked to edit files.
  if (guest.person === true) return found;
  const files = [...new Set([...before.settings.keys(), ...settings.keys()])].filter((file) => before.settings.get(file) !== settings.get(file));
  if (files.length > 0) found.push(`${guest.label} or somebody else changed ${named(files.map((file) => `.git/${file}`))} meanwhile; read it before you resume.`);
  // A commit moves HEAD, and says itself where to.
  if (guest.kind === 'hook') return found;
  if (head.sha !== before.head.sha || head.branch !== before.head.branch) found.push(movedHead(guest, before.head, head));
  return found;
}

const PREFIX = 'refs/weld/';

function ofRuns(refs: readonly { readonly name: string; readonly oid: Oid }[], runs: ReadonlySet<string>): Map<string, Oid> {
  return new Map(refs.filter(({ name }) => runs.has(name.slice(PREFIX.length).split('/', 1)[0] ?? '')).map(({ name, oid }) => [name, oid]));
}

/** @returns the names of the refs that were not as before */
async function putBackRefs(project: Project, lock: RunLock, { refs: before, runs }: RepositoryState, now: ReadonlyMap<string, Oid>): Promise<string[]> {
  const { git } = project;
  const added = [...now.keys()].filter((name) => !before.has(name));
  const changed = [...before].filter(([name, oid]) => now.get(name) !== oid).map(([name]) => name);
  // New ones go first: one may stand in the way of another's name.
  for (const name of added) await git.deleteRefs(lock, name);
  const left = added.length === 0 ? now : ofRuns(await git.listRefs(PREFIX), runs);
  for (const [name, oid] of before) if (left.get(name) !== oid) await git.writeRef(lock, name, oid, 'replace');
  return [...added, ...changed];
}

function movedHead(guest: Guest, before: HeadInfo, after: HeadInfo): string {
  const from = before.sha ?? 'no commit';
  return `HEAD moved from ${from.slice(0, 10)} to ${after.branch ?? (after.sha ?? 'no commit').slice(0, 10)} while ${guest.label} worked; look at it with git log${before.sha === null ? '' : `, take it back with "git reset --soft ${from.slice(0, 10)}" if nobody meant it`}, then resume.`;
}
