import * as fs from 'node:fs/promises';
import { assertNoLink } from '../../artifacts/create';
import { checkCommands } from '../../checks';
import type { Config } from '../../config/schema';
import { isErrno, reason, WeldError } from '../../errors';
import { describeLock, inspectLock, lockMechanism } from '../../lock';
import { resolveProgram } from '../../process/resolve';
import type { Project } from '../../project';
import { type DoctorLine, failure, ok, warning } from './types';

/** Whether `.weld` is there and can be written; nothing is written to find out. */
export async function folderLines({ paths }: Project): Promise<DoctorLine[]> {
  try {
    await assertNoLink(paths);
    const stat = await fs.stat(paths.root);
    if (!stat.isDirectory())
      return [failure(`${paths.root} is not a folder.`, 'Move it away, then run "Weld: Initialize Repository".')];
    await fs.access(paths.root, fs.constants.W_OK | fs.constants.X_OK);
    for (const folder of [paths.runs, paths.lockDir, paths.staging])
      await fs.access(folder, fs.constants.W_OK | fs.constants.X_OK).catch(ignoreMissing);
  } catch (error) {
    if (error instanceof WeldError) return [failure(error.message, 'Remove the link.')];
    if (isErrno(error, 'ENOENT'))
      return [
        warning('This repository is not set up for Weld yet.', 'Run "Weld: Initialize Repository" or start a run.'),
      ];
    return [failure(`The .weld folder cannot be written (${reason(error)}).`, 'Give yourself write access to it.')];
  }
  const ignored = await isThere(paths.gitignore);
  return [
    ignored
      ? ok(`${paths.root} can be written.`)
      : warning(`${paths.gitignore} is missing, so git shows the files of runs.`, 'Run "Weld: Initialize Repository".'),
  ];
}

/** One line for each configured check: can its program be found? */
export function checkLines(project: Project, config: Config): DoctorLine[] {
  const checks = checkCommands(config);
  if (checks.length === 0)
    return [
      warning(
        'No checks are configured, so a step passes on its review alone.',
        'Name your tests under [checks] in .weld/config.toml.',
      ),
    ];
  return checks.map(({ category, command, file: program }) => {
    const file = resolveProgram(program, project.top, process.env, { inRepository: true });
    return file === null
      ? failure(
          `The check ${category} runs "${command}", but ${program} is not installed or not on the PATH.`,
          'Install it, or correct [checks] in .weld/config.toml.',
        )
      : ok(`The check ${category} runs ${file}.`);
  });
}

/** Who holds the lock, what was left behind, and how locking works here. */
export async function lockLines(project: Project): Promise<DoctorLine[]> {
  const { paths } = project;
  const state = await inspectLock(paths.root);
  const words = describeLock(state, project.now().getTime());
  const found =
    state.kind === 'unreadable'
      ? failure(words, `See what ${paths.activeLock} is.`)
      : state.kind === 'stale'
        ? warning(words, 'Nothing: the next command clears it.')
        : ok(words);
  if (!(await isThere(paths.root))) return [found];
  switch (await lockMechanism(paths.root)) {
    case 'hard-links':
      return [found, ok('The run lock works by hard links.')];
    case 'proper-lockfile':
      return [
        found,
        warning(
          'This file system has no hard links, so the run lock works by a lock folder with a time limit.',
          'Keep the repository on a local disk, if you can.',
        ),
      ];
    case 'unknown':
      return [found, failure('The run lock cannot be tried out here.', 'Give yourself write access to .weld/lock.')];
  }
}

/** Programs of an earlier run that may still be at work. */
export async function workerLines({ paths }: Project): Promise<DoctorLine[]> {
  const names = (await fs.readdir(paths.workers).catch(() => [])).filter((name) => name.endsWith('.json'));
  if (names.length === 0) return [];
  return [
    warning(
      `${names.length} ${names.length === 1 ? 'program is' : 'programs are'} recorded as at work.`,
      'Nothing while Weld works; otherwise the next command sees to it that they have ended.',
    ),
  ];
}

function ignoreMissing(error: unknown): void {
  if (!isErrno(error, 'ENOENT')) throw error;
}

const isThere = (file: string): Promise<boolean> =>
  fs.access(file).then(
    () => true,
    () => false,
  );
