import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { agentEnvironment } from '../../agents/cli/environment';
import { agentKind } from '../../agents/registry';
import { assertNoLink } from '../../artifacts/create';
import { checkCommands } from '../../checks';
import {
  type AgentKind,
  isProvider,
  PROVIDER_NAMES,
  PROVIDERS,
  type Provider,
  TASKS,
  type Task,
} from '../../config/providers';
import type { Config } from '../../config/schema';
import { preventionFor } from '../../guard';
import { describeLock, inspectLock, lockMechanism } from '../../lock';
import { resolveProgram } from '../../process/resolve';
import type { Project } from '../../project';
import { isErrno, reason, WeldError } from '../../util/errors';
import { leadsToAnything } from '../../util/files';

/** One result of Weld's self-check. */
export interface DoctorLine {
  readonly level: 'ok' | 'warning' | 'failure';
  /** What was checked and what was found. */
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

export const ok = (text: string): DoctorLine => ({ level: 'ok', text });
export const warning = (text: string, fix: string): DoctorLine => ({ level: 'warning', text, fix });
export const failure = (text: string, fix: string): DoctorLine => ({ level: 'failure', text, fix });

/** Checks that `.weld` exists and can be written, without writing anything. */
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
  const ignored = await leadsToAnything(paths.gitignore);
  return [
    ignored
      ? ok(`${paths.root} can be written.`)
      : warning(`${paths.gitignore} is missing, so git shows the files of runs.`, 'Run "Weld: Initialize Repository".'),
  ];
}

/** Returns one line for each configured check, on whether its program can be found. */
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

/** Reports who holds the lock, whether it is stale, and which lock mechanism works on this file system. */
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
  if (!(await leadsToAnything(paths.root))) return [found];
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
      return [found, failure('The run lock cannot be tested here.', 'Give yourself write access to .weld/lock.')];
  }
}

/** Reports programs of an earlier operation that may still be running. */
export async function workerLines({ paths }: Project): Promise<DoctorLine[]> {
  const names = (await fs.readdir(paths.workers).catch(() => [])).filter((name) => name.endsWith('.json'));
  if (names.length === 0) return [];
  return [
    warning(
      `${names.length} ${names.length === 1 ? 'program is' : 'programs are'} recorded as at work.`,
      'Nothing while Weld works; otherwise the next command makes sure that they have ended.',
    ),
  ];
}

function ignoreMissing(error: unknown): void {
  if (!isErrno(error, 'ENOENT')) throw error;
}

/** Returns one line for each agent that is assigned to a task. */
export async function agentLines(project: Project, config: Config): Promise<DoctorLine[]> {
  const byAgent = new Map<string, { readonly kind: AgentKind; readonly detail: string; readonly tasks: Task[] }>();
  for (const task of TASKS) {
    const kind = agentKind(task, config);
    const own = config.task_models[task];
    let detail = kind === 'replay' ? (own?.recording ?? config.replay.recording ?? '') : '';
    if (isProvider(kind)) detail = own?.exec ?? config[kind].exec ?? PROVIDERS[kind].program;
    const key = `${kind}\n${detail}`;
    const known = byAgent.get(key);
    if (known) known.tasks.push(task);
    else byAgent.set(key, { kind, detail, tasks: [task] });
  }
  return Promise.all(
    [...byAgent.values()].map(({ kind, detail, tasks }) =>
      lineOf(project, kind, detail, tasks.length === TASKS.length ? 'all tasks' : tasks.join(', ')),
    ),
  );
}

async function lineOf(project: Project, kind: AgentKind, detail: string, tasks: string): Promise<DoctorLine> {
  if (kind === 'manual') return ok(`Manual: ${tasks}.`);
  if (kind === 'replay') return recordingLine(project, detail, tasks);
  const file = resolveProgram(detail, project.top);
  if (file === null)
    return failure(
      `${detail} (${tasks}) is not installed or not on the PATH.`,
      `Install it, or choose another agent for these tasks in .weld/config.toml.`,
    );
  const version = await versionOf(project, file, kind);
  return version === null
    ? failure(
        `${detail} (${tasks}) was found at ${file}, but does not report its version.`,
        `Run "${detail} --version" in a terminal to see why.`,
      )
    : ok(`${detail} ${version} does: ${tasks}.`);
}

async function recordingLine(project: Project, recording: string, tasks: string): Promise<DoctorLine> {
  if (recording === '')
    return failure(
      `A recording does ${tasks}, but none is named.`,
      'Set recording under [replay] in .weld/config.toml.',
    );
  try {
    await fs.access(path.resolve(project.top, recording), fs.constants.R_OK);
    return ok(`The recording ${recording} does: ${tasks}.`);
  } catch (error) {
    return failure(
      `The recording ${recording} (${tasks}) cannot be read (${reason(error)}).`,
      'Correct recording in .weld/config.toml.',
    );
  }
}

/** Time limit for an agent's `--version`, in ms. */
const VERSION_MS = 20_000;

async function versionOf(project: Project, file: string, provider: Provider): Promise<string | null> {
  const ran = await project.programs.run({
    file,
    args: ['--version'],
    cwd: project.top,
    env: agentEnvironment(provider, process.env),
    timeoutMs: VERSION_MS,
  });
  const first = new TextDecoder().decode(ran.stdout).trim().split('\n', 1)[0] ?? '';
  return ran.exitCode === 0 ? first : null;
}

/** Reports whether a sandbox can confine programs that run the repository's code, and if not, why. */
export async function guardLines(project: Project): Promise<DoctorLine[]> {
  const prevention = await preventionFor(project, { make: false });
  if (!prevention.ok)
    return [
      warning(
        `Agents, checks and hooks cannot be shut in (${prevention.why}): what they change of Weld's own is ` +
          'noticed afterwards and put back.',
        'Install bubblewrap, where the system has it.',
      ),
    ];
  const ownSandboxes = PROVIDER_NAMES.map((name) => PROVIDERS[name]).flatMap((each) =>
    each.ownSandbox ? each.label : [],
  );
  const nested = prevention.nests
    ? ''
    : ` ${ownSandboxes.join(' and ')} are not: their own sandboxes do not work inside another one here.`;
  return [ok(`Agents, checks and hooks are shut in by bubblewrap: they cannot write Weld's own files.${nested}`)];
}
