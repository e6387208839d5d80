import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { IterationPaths } from '../artifacts/paths';
import {
  type ChecksSummary,
  ChecksSummarySchema,
  type IssuesFile,
  PHASES,
  type Phase,
  type StepProgress,
} from '../artifacts/schemas';
import { readText } from '../artifacts/store';
import { isErrno, WeldError } from '../util/errors';

/** What the phases of an iteration produced, as they produced it: the gate judges by this and not by files. */
export interface Memory {
  checks: ChecksSummary | null;
  /** The text of `review.md`. */
  review: string | null;
  issues: IssuesFile | null;
  /** Whether any of it was read back from the disk, by an operation that went on with another's work. */
  readBack: boolean;
}

export const nothing = (): Memory => ({ checks: null, review: null, issues: null, readBack: false });

/** The names under which a phase's files stand in `digests`. */
export function filesOf(phase: Phase, digests: Readonly<Record<string, string>>): string[] {
  switch (phase) {
    case 'implement':
      return [];
    case 'diff':
      return ['diff.patch'];
    case 'checks':
      return ['checks.summary.json', ...Object.keys(digests).filter((name) => name.startsWith('checks/'))];
    case 'review':
      return ['review.md'];
    case 'verdict':
      return ['issues.json', 'status.json'];
  }
}

export interface Recalled {
  readonly memory: Memory;
  /** The phases that are done: those before the first whose files are not as they were written. */
  readonly done: readonly Phase[];
  /** Which phases have to be done again and why, as sentences. */
  readonly notices: readonly string[];
}

/**
 * Reads back what an iteration had produced when somebody goes on with it.
 * @param progress by the iteration's seal; without one nothing vouches for more than the agent's work
 */
export async function recall(paths: IterationPaths, progress: StepProgress, sealed: boolean): Promise<Recalled> {
  const notices: string[] = [];
  const done: Phase[] = [];
  for (const phase of PHASES) {
    if (!progress.done.includes(phase)) break;
    const changed = sealed ? await firstChanged(paths, progress.digests, filesOf(phase, progress.digests)) : null;
    if (changed !== null) notices.push(`${changed} was not as Weld had written it; what depends on it was done again.`);
    else if (!sealed && phase !== 'implement')
      notices.push(
        'This Weld has not seen how the checks and the review of this iteration came about; they were done again.',
      );
    if (notices.length > 0) break;
    done.push(phase);
  }
  const has = (phase: Phase): boolean => done.includes(phase);
  const memory: Memory = {
    checks: has('checks')
      ? ChecksSummarySchema.parse(JSON.parse(await asWritten(paths.checksSummary, progress)))
      : null,
    review: has('review') ? await asWritten(paths.review, progress) : null,
    issues: null,
    readBack: has('checks') || has('review'),
  };
  return { memory, done, notices };
}

/** Reads once, so that nobody can exchange the file between a comparison and a reading. */
async function asWritten(file: string, { digests }: StepProgress): Promise<string> {
  const text = (await readText(file)) ?? '';
  if (digestOf(text) !== digests[path.basename(file)])
    throw new WeldError('VIOLATION', `${file} was changed while it was read; see what changes it, then continue.`);
  return text;
}

/** @returns the first file that is gone or another, by its name; null when all are as they were written */
export async function firstChanged(
  paths: IterationPaths,
  digests: Readonly<Record<string, string>>,
  names: readonly string[],
): Promise<string | null> {
  for (const name of names) {
    const found = await digestFile(path.join(paths.root, ...name.split('/')));
    if (found === null || found.sha256 !== digests[name]) return name;
  }
  return null;
}

/** @returns sha256 in hex */
export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Size in bytes and sha256 of a file of any size, or null when there is none. What is no regular file counts as none.
 */
export async function digestFile(file: string): Promise<{ readonly size: number; readonly sha256: string } | null> {
  try {
    const handle = await fs.open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    if (!(await handle.stat()).isFile()) {
      await handle.close();
      return null;
    }
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of handle.createReadStream() as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      hash.update(chunk);
    }
    return { size, sha256: hash.digest('hex') };
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR')) return null;
    throw error;
  }
}
