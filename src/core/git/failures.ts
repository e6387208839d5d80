import { WeldError } from '../errors';
import { sentence } from '../process/index';
import type { ProgramResult } from '../process/types';
import { shellWord } from '../shellWord';
import { saysLfsMissing } from './hook-words';

/** What a git program that failed means to a person. Relies on git's untranslated messages (LC_ALL=C). */
export function gitFailure(what: string, result: ProgramResult): WeldError {
  const { ended } = result;
  switch (ended.how) {
    case 'missing':
      return new WeldError('GIT_MISSING', 'Git is not installed or not on the PATH; install it and try again.');
    case 'cancelled':
      return new WeldError('CANCELLED', `Cancelled during git ${what}; nothing more was changed.`);
    case 'exited':
      return fromOutput(what, text(result.stderr) || text(result.stdout));
    default:
      return new WeldError('GIT_FAILED', `git ${what}: ${sentence(ended)}; try again.`);
  }
}

function fromOutput(what: string, output: string): WeldError {
  const cause = new Error(output.slice(0, 4_000));
  const unsafe =
    between(output, "detected dubious ownership in repository at '", "'") ??
    between(output, "unsafe repository ('", "' is owned by");
  if (unsafe !== null)
    return new WeldError(
      'UNSAFE_REPOSITORY',
      `The repository ${unsafe} belongs to another user; if you trust it, run: git config --global --add ` +
        `safe.directory ${shellWord(unsafe)}`,
      { cause },
    );
  if (/must be run in a work tree/.test(output))
    return new WeldError(
      'NOT_A_REPOSITORY',
      'This is a bare repository or the inside of .git, without files to work on; open a clone with a work tree.',
      { cause },
    );
  if (/not a git repository/i.test(output))
    return new WeldError(
      'NOT_A_REPOSITORY',
      'This folder is not in a git repository; run "git init" in it or open another folder.',
      { cause },
    );
  const locked = between(output, "nable to create '", "': File exists");
  if (locked?.endsWith('.lock')) return gitLocked(locked, cause);
  if (/No space left on device|Disk quota exceeded/i.test(output))
    return new WeldError('DISK_FULL', 'There is no space left for git to write; free some and try again.', { cause });
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.some(saysLfsMissing))
    return new WeldError(
      'PROGRAM_MISSING',
      'This repository keeps large files with Git LFS, and git-lfs is not installed; install it and try again.',
      { cause },
    );
  // A filter's program that is missing says so before git's own words.
  const line =
    lines.find((candidate) => /: (?:command )?not found$/.test(candidate)) ??
    lines.find((candidate) => /^(fatal|error):/.test(candidate)) ??
    lines.at(-1) ??
    'no reason given';
  return new WeldError('GIT_FAILED', `git ${what} failed: ${line.replace(/^(fatal|error): /, '').slice(0, 300)}`, {
    cause,
  });
}

/** What stands in a line between two pieces of it, the last of them where a path has it too; null: no such line. */
function between(output: string, before: string, after: string): string | null {
  const start = output.indexOf(before);
  if (start === -1) return null;
  const rest = output.slice(start + before.length).split('\n', 1)[0] ?? '';
  const end = rest.lastIndexOf(after);
  return end > 0 ? rest.slice(0, end) : null;
}

export function gitLocked(file: string, cause?: unknown): WeldError {
  return new WeldError(
    'GIT_LOCKED',
    `Another git program is at work in this repository; wait for it, or if none runs any more, remove ${file}.`,
    { cause },
  );
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8').trim();
