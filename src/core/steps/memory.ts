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

/** What the phases of an iteration produced, kept in memory: the gate judges by this and not by files. */
export interface Memory {
  checks: ChecksSummary | null;
  /** The text of `review.md`. */
  review: string | null;
  issues: IssuesFile | null;
  /** Whether any of it was read from the disk, because another operation produced it. */
  readBack: boolean;
}

export const nothing = (): Memory => ({ checks: null, review: null, issues: null, readBack: false });

/** The files of each phase by their names in `digests`; checks also have one file for each check. */
const PHASE_FILES: Readonly<Record<Phase, readonly string[]>> = {
  implement: [],
  diff: ['diff.patch'],
  checks: ['checks.summary.json'],
  review: ['review.md'],
  verdict: ['issues.json', 'status.json'],
};

function filesOf(phase: Phase, digests: Readonly<Record<string, string>>): string[] {
  const outputs = phase === 'checks' ? Object.keys(digests).filter((name) => name.startsWith('checks/')) : [];
  return [...PHASE_FILES[phase], ...outputs];
}

export interface Recalled {
  readonly memory: Memory;
  /** The finished phases: those before the first one whose files changed. */
  readonly done: readonly Phase[];
  /** Which phases have to run again and why, as sentences. */
  readonly notices: readonly string[];
}

/**
 * Reads what an iteration produced, to continue it in another operation.
 * @param progress from the iteration's seal if `sealed`, else from its file, which proves only the agent's work
 * @throws WeldError `VIOLATION` if a file changes while it is read
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

/** Reads the file only once, so that nobody can replace it between the comparison and the reading. */
async function asWritten(file: string, { digests }: StepProgress): Promise<string> {
  const text = (await readText(file)) ?? '';
  if (digestOf(text) !== digests[path.basename(file)])
    throw new WeldError('VIOLATION', `${file} was changed while it was read; see what changes it, then continue.`);
  return text;
}

/** @returns the name of the first file that is missing or changed; null if all are as written */
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
 * Size in bytes and sha256 of a file of any size.
 * @returns null if there is no regular file of that name
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
