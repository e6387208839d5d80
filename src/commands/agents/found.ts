import { findProgram } from '../../core/runs/doctor/findProgram';
import type { Project } from '../../core/project';

export interface FoundAgent {
  readonly installed: boolean;
  /** In few words: "2.1.330, logged in". */
  readonly note: string;
}

/** A program that does not answer within this is taken as it is. In ms. */
const LIMIT_MS = 15_000;

/** How each program is asked whether somebody is logged in: exit code 0 says yes. */
const LOGIN: Record<'claude' | 'codex', readonly string[]> = { claude: ['auth', 'status'], codex: ['login', 'status'] };

/** Finds out whether an agent program is installed and logged in. @param exec as config.toml names it, else its usual name */
export async function findAgent(project: Project, kind: 'claude' | 'codex', exec: string | undefined): Promise<FoundAgent> {
  const file = await findProgram(exec ?? kind, project.top);
  if (file === null) return { installed: false, note: 'not installed' };
  const ask = (args: readonly string[]) => project.programs.run({ file, args, cwd: project.top, timeoutMs: LIMIT_MS });
  const [version, login] = await Promise.all([ask(['--version']), ask(LOGIN[kind])]);
  const number = /\d+(?:\.\d+)+/u.exec(new TextDecoder().decode(version.stdout))?.[0] ?? 'installed';
  const answered = login.ended.how === 'exited';
  return { installed: true, note: answered ? `${number}, ${login.exitCode === 0 ? 'logged in' : 'not logged in'}` : number };
}
