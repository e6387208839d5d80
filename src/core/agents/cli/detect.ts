import * as os from 'node:os';
import * as path from 'node:path';
import { readBounded } from '../../artifacts/bounded';
import type { ProgramResult, Programs } from '../../process/ports';
import { resolveProgram } from '../../process/resolve';
import { WeldError } from '../../util/errors';
import { codexHome } from '../codex';
import { oneLine } from './agentReader';
import { agentEnvironment } from './environment';
import { LOGIN } from './trouble';

export interface DetectedAgent {
  readonly installed: boolean;
  /** Such as "2.1.330". */
  readonly version?: string;
  readonly loggedIn: 'yes' | 'no' | 'unknown';
  /** How it is logged in, or what to do: one sentence or less, without secrets. */
  readonly how: string;
}

export interface DetectRequest {
  readonly programs: Programs;
  /** The configured program; default the usual name on the path. */
  readonly exec?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Absolute path of the repository that the program will work in: what its name is relative to. */
  readonly top?: string;
  /** For the whole look, in ms. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 8_000;
/** A longer file is no configuration. In bytes. */
const MOST_CONFIG = 1024 * 1024;
const INSTALL = {
  claude: 'Install Claude Code, or name its program in .weld/config.toml.',
  codex: 'Install Codex, or name its program in .weld/config.toml.',
} as const;

/** Looks whether an agent program is there and logged in, without calling its service. Never throws. */
export async function detectAgent(kind: 'claude' | 'codex', request: DetectRequest): Promise<DetectedAgent> {
  const env = agentEnvironment(kind, request.env ?? process.env);
  const file = resolveProgram(request.exec ?? kind, request.top ?? os.homedir(), env);
  if (file === null) return { installed: false, loggedIn: 'unknown', how: INSTALL[kind] };
  const ask = (args: readonly string[]): Promise<ProgramResult> =>
    request.programs.run({
      file,
      args,
      cwd: os.homedir(),
      env,
      timeoutMs: request.timeoutMs ?? TIMEOUT_MS,
      keepBytes: 64 * 1024,
      ...(request.signal && { signal: request.signal }),
    });
  try {
    const [version, login] = await Promise.all([
      ask(['--version']),
      ask(kind === 'claude' ? ['auth', 'status'] : ['login', 'status']),
    ]);
    if (version.ended.how === 'cancelled')
      return { installed: false, loggedIn: 'unknown', how: 'It was not looked for to the end.' };
    if (version.ended.how === 'missing' || version.ended.how === 'crashed')
      return { installed: false, loggedIn: 'unknown', how: INSTALL[kind] };
    const number = /(?<!\d)\d{1,9}\.\d{1,9}\.\d{1,9}[\w.-]{0,40}/u.exec(text(version.stdout))?.[0];
    const state = kind === 'claude' ? claudeLogin(login) : await codexLogin(login, env);
    return { installed: true, ...(number !== undefined && { version: number }), ...state };
  } catch (error) {
    return { installed: false, loggedIn: 'unknown', how: error instanceof WeldError ? error.message : INSTALL[kind] };
  }
}

type Login = Pick<DetectedAgent, 'loggedIn' | 'how'>;

const no = (kind: 'claude' | 'codex'): Login => ({ loggedIn: 'no', how: `Open a terminal and run "${LOGIN[kind]}".` });
const unknown: Login = { loggedIn: 'unknown', how: 'It did not say whether it is logged in.' };

/** `auth status` answers in JSON, with exit code 1 when nobody is logged in. */
function claudeLogin(result: ProgramResult): Login {
  if (result.ended.how !== 'exited') return unknown;
  try {
    const { loggedIn, authMethod } = JSON.parse(text(result.stdout)) as { loggedIn?: unknown; authMethod?: unknown };
    if (typeof loggedIn !== 'boolean') return unknown;
    return loggedIn
      ? { loggedIn: 'yes', how: typeof authMethod === 'string' ? oneLine(authMethod, 40) : 'logged in' }
      : no('claude');
  } catch {
    return unknown;
  }
}

/** `login status` tells by its exit code; it knows nothing of a key in the environment or of another provider's own. */
async function codexLogin(result: ProgramResult, env: Readonly<Record<string, string>>): Promise<Login> {
  if (result.ended.how !== 'exited') return unknown;
  if (result.exitCode === 0)
    return {
      loggedIn: 'yes',
      how: /chatgpt/iu.test(text(result.stdout) + text(result.stderr)) ? 'ChatGPT' : 'API key',
    };
  if ((env['CODEX_API_KEY'] ?? '') !== '') return { loggedIn: 'yes', how: 'CODEX_API_KEY' };
  const config = await readBounded(path.join(codexHome(env), 'config.toml'), { most: MOST_CONFIG, follow: true });
  if (config.how === 'read' && /^[ \t]*model_provider[ \t]*=/mu.test(config.bytes.toString('utf8')))
    return { loggedIn: 'unknown', how: 'Its configuration names another provider.' };
  return /not logged in/iu.test(text(result.stdout) + text(result.stderr)) ? no('codex') : unknown;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
