import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Agent } from './agents/types';
import { makeWeldFolder } from './artifacts/create';
import { removeFolder } from './artifacts/store';
import { WeldError } from './errors';
import { KEPT_REF, tamperedRef, type ChangedFile, type Oid } from './git/types';
import { acquireRunLock, LockLostError } from './lock';
import type { RunLock } from './lock/types';
import type { Operation, Project } from './project';

/**
 * Has an agent work while git keeps what stands below `.weld`, and afterwards puts back what is not the agent's to
 * change: one `git clean -fdx` removes every run. The person's own texts (plan, research, prompts) may change meanwhile.
 * @returns what `work` returns, and one sentence when the agent went beyond its task; null otherwise
 * @throws WeldError `LOCK_LOST` when the lock went with the rest; runs that went too are then back
 */
export async function inCustody<T>(op: Operation, agent: Agent, work: () => Promise<T>): Promise<{ readonly result: T; readonly trespass: string | null }> {
  const { project, lock } = op;
  const head = await project.git.head();
  const kept = await project.git.captureWeld(lock);
  await project.git.writeRef(lock, KEPT_REF, kept, 'replace');
  let result: T;
  try {
    result = await work();
    lock.assertHeld();
  } catch (error) {
    if (held(lock)) await project.git.deleteRefs(lock, KEPT_REF);
    else if (await recoverRuns(project, lock.record.run_id))
      throw new LockLostError(`While ${agent.label} worked, .weld was removed and the run lock with it; the runs are back as they were before, resume to go on.`);
    throw error;
  }
  const changed = await putBack(project, lock, kept);
  await project.git.deleteRefs(lock, KEPT_REF);
  const after = await project.git.head();
  // A person who does the task may well commit; a program was asked to edit files.
  const moved = agent.kind !== 'manual' && (after.sha !== head.sha || after.branch !== head.branch);
  if (!moved) return { result, trespass: changed && `${agent.label} ${changed}` };
  const from = head.sha ?? 'no commit';
  const sentence = `HEAD moved from ${from.slice(0, 10)} to ${after.branch ?? (after.sha ?? 'no commit').slice(0, 10)} while ${agent.label} worked; look at it with git log${head.sha === null ? '' : `, take it back with "git reset --soft ${from.slice(0, 10)}" if nobody meant it`}, then resume`;
  return { result, trespass: changed ? `${agent.label} ${changed} ${sentence}.` : `${sentence}.` };
}

/**
 * Brings runs back that were removed while an agent was at work and the lock was lost with them.
 * @returns whether anything was missing and is back; false also when another process holds the lock by now: git keeps it
 */
async function recoverRuns(project: Project, runId: string): Promise<boolean> {
  const kept = await project.git.readRef(KEPT_REF);
  if (kept === null || (await exists(project.paths.runs))) return false;
  await makeWeldFolder(project.paths);
  try {
    await using lock = await acquireRunLock(project.paths.root, { runId, command: 'bring runs back' });
    await putBack(project, lock, kept);
    await project.git.deleteRefs(lock, KEPT_REF);
    return true;
  } catch (error) {
    project.log.error(`What stood in .weld was removed and could not be brought back; git keeps it as ${KEPT_REF}.`, error);
    return false;
  }
}

/** @returns what the agent did, to follow its name in a sentence; null when nothing that matters */
async function putBack(project: Project, lock: RunLock, kept: Oid): Promise<string | null> {
  await fs.mkdir(project.paths.root, { recursive: true });
  const now = await project.git.captureWeld(lock);
  if (now === kept) return null;
  const changes = await project.git.changedFiles(kept, now);
  const known = new Map<string, boolean>();
  for (const { path: file } of changes) {
    const run = runOf(file);
    if (run !== '' && !known.has(run)) known.set(run, (await project.git.readFile(kept, `runs/${run}/meta.json`)) !== null);
  }
  const undo = changes.filter((change) => change.status === 'deleted' || (isRecord(change.path) && (change.status !== 'added' || (known.get(runOf(change.path)) ?? true))));
  if (undo.length > 0) {
    await project.git.writeRef(lock, tamperedRef(lock.record.run_id), now, 'replace');
    for (const { path: file } of undo.filter(({ status }) => status === 'added')) await removeFolder(lock, path.join(project.paths.root, file));
    await project.git.bringBackWeld(lock, kept, undo.filter(({ status }) => status !== 'added').map(({ path: file }) => file));
  }
  const config = changes.some(({ path: file, status }) => file === path.basename(project.paths.config) && status !== 'deleted');
  const done = [
    ...(undo.length > 0 ? [`changed Weld's own files while it worked (${named(undo)}); they were put back, and what it made of them is kept as ${tamperedRef(lock.record.run_id)}`] : []),
    ...(config ? [`or somebody else changed .weld/config.toml meanwhile; read it before you resume`] : []),
  ];
  return done.length === 0 ? null : `${done.join('; ')}.`;
}

/** What only Weld writes: every record, and all of a step but the prompts, which people may edit before they are used. */
function isRecord(file: string): boolean {
  return /^runs(?:\/[^/]+)?$|^runs\/[^/]+\/(?:.*\.json|steps(?:\/[^/]+(?:\/(?!prompt\/).*)?)?)$/su.test(file);
}

const runOf = (file: string): string => /^runs\/([^/]+)\//u.exec(file)?.[1] ?? '';

function named(changes: readonly ChangedFile[]): string {
  const first = changes.slice(0, 3).map(({ path: file }) => file).join(', ');
  return changes.length > 3 ? `${first} and ${changes.length - 3} more` : first;
}

function held(lock: RunLock): boolean {
  try {
    lock.assertHeld();
    return true;
  } catch (error) {
    if (error instanceof WeldError && error.code === 'LOCK_LOST') return false;
    throw error;
  }
}

const exists = (file: string): Promise<boolean> => fs.lstat(file).then(() => true, () => false);
