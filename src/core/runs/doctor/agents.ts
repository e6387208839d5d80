import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { agentEnvironment } from '../../agents/cli/environment';
import { agentKind } from '../../agents/registry';
import { TASKS, type Task } from '../../agents/types';
import type { Config } from '../../config/schema';
import { reason } from '../../errors';
import { resolveProgram } from '../../process/resolve';
import type { Project } from '../../project';
import { type DoctorLine, failure, ok } from './types';

/** One line for each agent that some task is given to. */
export async function agentLines(project: Project, config: Config): Promise<DoctorLine[]> {
  const byAgent = new Map<string, Task[]>();
  for (const task of TASKS) {
    const kind = agentKind(task, config);
    const own = config.task_models[task];
    const detail =
      kind === 'replay'
        ? (own?.recording ?? config.replay.recording ?? '')
        : kind === 'manual'
          ? ''
          : (own?.exec ?? config[kind].exec ?? kind);
    const key = `${kind}\n${detail}`;
    byAgent.set(key, [...(byAgent.get(key) ?? []), task]);
  }
  return Promise.all(
    [...byAgent].map(([key, tasks]) => {
      const [kind = '', detail = ''] = key.split('\n');
      return lineOf(project, kind, detail, tasks.length === TASKS.length ? 'all tasks' : tasks.join(', '));
    }),
  );
}

async function lineOf(project: Project, kind: string, detail: string, tasks: string): Promise<DoctorLine> {
  if (kind === 'manual') return ok(`Manual: ${tasks}.`);
  if (kind === 'replay') return recordingLine(project, detail, tasks);
  const file = resolveProgram(detail, project.top);
  if (file === null)
    return failure(
      `${detail} (${tasks}) is not installed or not on the PATH.`,
      `Install it, or choose another agent for these tasks in .weld/config.toml.`,
    );
  const version = await versionOf(project, file, kind === 'codex' ? 'codex' : 'claude');
  return version === null
    ? failure(
        `${detail} (${tasks}) was found at ${file}, but does not tell its version.`,
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

/** Telling a version takes no longer, in ms. */
const VERSION_MS = 20_000;

async function versionOf(project: Project, file: string, kind: 'claude' | 'codex'): Promise<string | null> {
  const ran = await project.programs.run({
    file,
    args: ['--version'],
    cwd: project.top,
    env: agentEnvironment(kind, process.env),
    timeoutMs: VERSION_MS,
  });
  const first = new TextDecoder().decode(ran.stdout).trim().split('\n', 1)[0] ?? '';
  return ran.exitCode === 0 ? first : null;
}
