import * as os from 'node:os';
import { PROVIDERS, type Provider } from '../../config/providers';
import type { ProgramResult, Programs } from '../../process/ports';
import { resolveProgram } from '../../process/resolve';
import { WeldError } from '../../util/errors';
import { type Login, UNKNOWN_LOGIN } from '../adapter';
import { ADAPTERS } from '../registry';
import { agentEnvironment } from './environment';

export interface DetectedAgent extends Login {
  readonly installed: boolean;
  /** Such as "2.1.330". */
  readonly version?: string;
}

export interface DetectRequest {
  readonly programs: Programs;
  /** The configured program; default: the usual name on the PATH. */
  readonly exec?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Absolute path of the repository; a relative program name starts there. */
  readonly top?: string;
  /** Time limit for each of the two queries, in ms. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 8_000;

/** Checks whether an agent program is installed and logged in, without calling its service. Never throws. */
export async function detectAgent(provider: Provider, request: DetectRequest): Promise<DetectedAgent> {
  const { label, program, login: command, loginStatus } = PROVIDERS[provider];
  const absent = (how = `Install ${label}, or name its program in .weld/config.toml.`): DetectedAgent => ({
    installed: false,
    loggedIn: 'unknown',
    how,
  });
  const env = agentEnvironment(provider, request.env ?? process.env);
  const file = resolveProgram(request.exec ?? program, request.top ?? os.homedir(), env);
  if (file === null) return absent();
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
    const [version, status] = await Promise.all([ask(['--version']), ask(loginStatus)]);
    if (version.ended.how === 'cancelled') return absent('The search for it did not finish.');
    if (version.ended.how === 'missing' || version.ended.how === 'crashed') return absent();
    const number = /(?<!\d)\d{1,9}\.\d{1,9}\.\d{1,9}[\w.-]{0,40}/u.exec(new TextDecoder().decode(version.stdout))?.[0];
    const login = status.ended.how === 'exited' ? await ADAPTERS[provider].readLogin(status, env) : UNKNOWN_LOGIN;
    return {
      installed: true,
      ...(number !== undefined && { version: number }),
      ...(login ?? { loggedIn: 'no', how: `Open a terminal and run "${command}".` }),
    };
  } catch (error) {
    return absent(error instanceof WeldError ? error.message : undefined);
  }
}
