import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { removeFolder } from '../artifacts/store';
import { tamperedRef, type ChangedFile, type Oid } from '../git/types';
import type { RunLock } from '../lock/types';
import type { Project } from '../project';

/**
 * Puts back what is not the agent's to change: whatever was deleted, and every record. Texts stay as people left them.
 * @param kept what stood below `.weld` before @param now what stands there now
 * @returns what happened, to follow the agent's name in a sentence; null when nothing that matters
 */
export async function putBack(project: Project, lock: RunLock, kept: Oid, now: Oid): Promise<string | null> {
  const changes = await changesBetween(project, kept, now);
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
    ...(undo.length > 0 ? [`changed Weld's own files while it worked (${named(undo.map(({ path: file }) => file))}); they were put back, and what it made of them is kept as ${tamperedRef(lock.record.run_id)}`] : []),
    ...(config ? [`or somebody else changed .weld/config.toml meanwhile; read it before you resume`] : []),
  ];
  return done.length === 0 ? null : `${done.join('; ')}.`;
}

/** Brings back files that are missing, and touches nothing else. @returns their names, relative to `.weld` */
export async function bringBackMissing(project: Project, lock: RunLock, kept: Oid): Promise<readonly string[]> {
  const changes = await changesBetween(project, kept, await asItIsNow(project, lock));
  const missing = changes.filter(({ status }) => status === 'deleted').map(({ path: file }) => file);
  await project.git.bringBackWeld(lock, kept, missing);
  return missing;
}

/** @param kept what stood there before, kept by a ref @returns the tree of what stands below `.weld`, also where all of it was removed */
export async function asItIsNow(project: Project, lock: RunLock, kept?: Oid): Promise<Oid> {
  await fs.mkdir(project.paths.root, { recursive: true });
  return project.git.captureWeld(lock, kept);
}

async function changesBetween(project: Project, kept: Oid, now: Oid): Promise<readonly ChangedFile[]> {
  return now === kept ? [] : project.git.changedFiles(kept, now);
}

/** The first few of many names. */
export function named(names: readonly string[]): string {
  const first = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${first} and ${names.length - 3} more` : first;
}

/** What only Weld writes: every record, and all of a step but the prompts, which people may edit before they are used. */
function isRecord(file: string): boolean {
  return /^runs(?:\/[^/]+)?$|^runs\/[^/]+\/(?:.*\.json|steps(?:\/[^/]+(?:\/(?!prompt\/).*)?)?)$/su.test(file);
}

const runOf = (file: string): string => /^runs\/([^/]+)\//u.exec(file)?.[1] ?? '';
