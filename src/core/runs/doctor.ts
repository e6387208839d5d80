import type { LoadedConfig } from '../config/schema';
import type { Project } from '../project';
import { reason, WeldError } from '../util/errors';
import { EXPERIMENTAL, UNSUPPORTED } from '../util/supported';
import {
  agentLines,
  checkLines,
  type DoctorLine,
  failure,
  folderLines,
  guardLines,
  lockLines,
  ok,
  warning,
  workerLines,
} from './doctor/doctorLines';

export type { DoctorLine } from './doctor/doctorLines';

/**
 * Checks everything that Weld needs. Each line says what was found and what to do. It changes nothing and never throws.
 * On Windows it starts no program, because Weld does not support it.
 * @param open opens the folder's repository
 * @param options.trusted whether the workspace is trusted; if not, no program is started
 */
export async function doctor(
  open: () => Promise<Project>,
  options: { readonly trusted: boolean; readonly platform?: NodeJS.Platform },
): Promise<{ readonly lines: readonly DoctorLine[] }> {
  if (!options.trusted)
    return {
      lines: [
        failure(
          'This workspace is not trusted, so Weld starts no program in it.',
          'Trust the workspace, if you know where its files come from.',
        ),
      ],
    };
  const platform = options.platform ?? process.platform;
  if (platform === 'win32')
    return { lines: [failure(UNSUPPORTED, 'Install WSL or a container tool, and open the folder there.')] };
  let project: Project;
  try {
    project = await open();
  } catch (error) {
    return { lines: [failure(reason(error), fixOf(error))] };
  }
  const lines = await gather(
    () => gitLines(project),
    () => folderLines(project),
    () => configLines(project),
    () => lockLines(project),
    () => workerLines(project),
    () => guardLines(project),
  );
  return {
    lines:
      platform === 'darwin'
        ? [warning(EXPERIMENTAL, 'Commit before a run, and review the changes afterwards.'), ...lines]
        : lines,
  };
}

async function gitLines({ git }: Project): Promise<DoctorLine[]> {
  const [version, head] = [await git.version(), await git.head()];
  const place =
    head.sha === null
      ? warning(`The repository ${git.top} has no commit yet.`, 'Nothing: a run can make the first one.')
      : head.branch === null
        ? warning(
            `The repository ${git.top} is on no branch (detached HEAD).`,
            'Switch to a branch, so that commits are not lost.',
          )
        : ok(`The repository ${git.top} is on ${head.branch}.`);
  return [ok(`git ${version.replace(/^git version /u, '')} is installed.`), place];
}

async function configLines(project: Project): Promise<DoctorLine[]> {
  let loaded: LoadedConfig;
  try {
    loaded = await project.config();
  } catch (error) {
    return [failure(reason(error), 'Correct .weld/config.toml.')];
  }
  const problems = loaded.problems.map((problem) =>
    warning(
      `.weld/config.toml${problem.line === undefined ? '' : `, line ${problem.line}`}: ${problem.message}`,
      'Correct .weld/config.toml.',
    ),
  );
  return [
    ...problems,
    ...(await gather(
      () => agentLines(project, loaded.config),
      () => Promise.resolve(checkLines(project, loaded.config)),
    )),
  ];
}

/** Runs all checks. A check that throws becomes a failure line. */
async function gather(...looks: readonly (() => Promise<DoctorLine[]>)[]): Promise<DoctorLine[]> {
  const found = await Promise.all(
    looks.map((look) => look().catch((error: unknown) => [failure(reason(error), fixOf(error))])),
  );
  return found.flat();
}

function fixOf(error: unknown): string {
  const code = error instanceof WeldError ? error.code : 'INTERNAL';
  switch (code) {
    case 'GIT_MISSING':
      return 'Install git and start the editor again.';
    case 'NOT_A_REPOSITORY':
      return 'Open a folder of a git repository, or run "git init" in this one.';
    case 'UNSAFE_REPOSITORY':
      return 'Run "git config --global --add safe.directory" with this folder, if you trust who owns it.';
    default:
      return 'The Weld log has the details.';
  }
}
