import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { PROVIDERS } from '../../config/providers';
import type { ProgramResult } from '../../process/ports';
import { isFile } from '../../util/files';
import { type Adapter, type Login, UNKNOWN_LOGIN } from '../adapter';
import type { Agent, AgentRequest, AgentResult } from '../agent';
import { oneLine } from '../cli/agentReader';
import { agentEnvironment } from '../cli/environment';
import { type CliDeps, runCli } from '../cli/runCli';
import { ClaudeReader } from './claudeReader';

export interface ClaudeOptions {
  /** The program; default `claude` on the PATH. */
  readonly exec?: string;
  readonly model?: string;
}

/** Claude Code as an agent. Reading tasks get read-only tools; editing tasks may edit without asking. */
export function createClaudeAgent(deps: CliDeps, options: ClaudeOptions = {}): Agent {
  return {
    kind: 'claude',
    label: options.model === undefined ? 'Claude Code' : `Claude Code (${options.model})`,
    run: (request) => run(deps, options, request),
  };
}

async function run(deps: CliDeps, options: ClaudeOptions, request: AgentRequest): Promise<AgentResult> {
  const env = agentEnvironment('claude', deps.env ?? process.env);
  const args = claudeArgs(request, options.model);
  const { inexpressible } = commandRules(request.access === 'edit' ? (request.commands ?? []) : []);
  if (inexpressible.length > 0)
    deps.log?.warn(
      `Claude Code may not run ${inexpressible.map((command) => `"${command}"`).join(', ')}: a rule for it ` +
        'cannot say "(", ")", "*", "," or a backslash; ' +
        'put the check ' +
        'into a script.',
    );
  const result = await runCli(
    deps,
    {
      provider: 'claude',
      file: options.exec ?? PROVIDERS.claude.program,
      model: options.model,
      args,
      shownArgs: args.map((arg, i) => (args[i - 1] === '--json-schema' ? '…' : arg)),
      env,
      reader: (emit) => new ClaudeReader(emit, request.cwd),
      transcript: (sessionId) => claudeTranscript(env, request.cwd, sessionId),
    },
    request,
  );
  const { sessionId, costUsd } = result.usage;
  if (sessionId === undefined || costUsd === undefined) return result;
  return { ...result, usage: { ...result.usage, costUsd: costOfCall(sessionId, request.sessionId, costUsd) } };
}

/** `auth status` prints JSON; it exits with 1 when not logged in. */
function readLogin({ stdout }: ProgramResult): Login | null {
  try {
    const { loggedIn, authMethod } = JSON.parse(new TextDecoder().decode(stdout)) as Record<string, unknown>;
    if (typeof loggedIn !== 'boolean') return UNKNOWN_LOGIN;
    return loggedIn
      ? { loggedIn: 'yes', how: typeof authMethod === 'string' ? oneLine(authMethod, 40) : 'logged in' }
      : null;
  } catch {
    return UNKNOWN_LOGIN;
  }
}

export const claudeAdapter: Adapter = { make: (settings) => createClaudeAgent(settings, settings), readLogin };

/** The command line. It leaves out the prompt, which may exceed the system's limit. */
export function claudeArgs(
  request: Pick<AgentRequest, 'access' | 'outputSchema' | 'sessionId' | 'maxCostUsd' | 'commands'>,
  model: string | undefined,
): string[] {
  const { rules } = commandRules(request.commands ?? []);
  return [
    '-p',
    '--output-format',
    'stream-json',
    '--verbose',
    '--include-partial-messages',
    // The repository's own settings, hooks and CLAUDE.md may be another agent's work; the prompt has what the person
    // wrote.
    '--setting-sources',
    request.access === 'edit' ? 'user' : '',
    ...(model === undefined ? [] : ['--model', model]),
    ...(request.sessionId === undefined ? [] : ['--resume', request.sessionId]),
    ...(request.maxCostUsd === undefined ? [] : ['--max-budget-usd', Math.max(request.maxCostUsd, 0.01).toFixed(2)]),
    ...(request.access === 'edit'
      ? ['--permission-mode', 'acceptEdits', ...(rules.length === 0 ? [] : ['--allowedTools', ...rules])]
      : ['--tools', 'Read,Grep,Glob', '--restricted', '--strict-mcp-config', '--permission-prompts', 'none']),
    ...(request.outputSchema === undefined ? [] : ['--json-schema', JSON.stringify(request.outputSchema)]),
  ];
}

/** Characters that a rule of Claude Code treats as syntax: end, pattern, next rule, escape. */
const IN_RULES = /[()*,\\\n\r]|:$/u;

/** Rules that allow exactly these commands, and the commands that no rule can express. */
export function commandRules(commands: readonly string[]): {
  readonly rules: readonly string[];
  readonly inexpressible: readonly string[];
} {
  const known = [...new Set(commands.map((command) => command.trim()))];
  return {
    rules: known.filter((command) => !IN_RULES.test(command)).map((command) => `Bash(${command})`),
    inexpressible: known.filter((command) => IN_RULES.test(command)),
  };
}

/** The last known cost of each session in USD: Claude Code reports the total of a resumed session. */
const known = new Map<string, number>();
const MOST_SESSIONS = 500;

/**
 * The cost of one call, computed from the total of its session, in USD.
 * @param resumed the session that the call continued; if its earlier total is unknown, the call gets the whole total
 */
export function costOfCall(sessionId: string, resumed: string | undefined, totalUsd: number): number {
  const before = resumed === undefined ? 0 : (known.get(resumed) ?? 0);
  known.delete(sessionId);
  known.set(sessionId, totalUsd);
  const [oldest] = known.keys();
  if (known.size > MOST_SESSIONS && oldest !== undefined) known.delete(oldest);
  return Math.max(0, totalUsd - before);
}

/** The transcript that Claude Code keeps of a session, if it exists. */
export async function claudeTranscript(
  env: Readonly<Record<string, string>>,
  cwd: string,
  sessionId: string,
): Promise<string | undefined> {
  if (!/^[\w-]+$/u.test(sessionId)) return undefined; // the id becomes part of a path
  const projects = path.join(env['CLAUDE_CONFIG_DIR'] ?? path.join(env['HOME'] ?? os.homedir(), '.claude'), 'projects');
  const name = `${sessionId}.jsonl`;
  const likely = path.join(projects, cwd.replace(/[^A-Za-z0-9]/gu, '-'), name);
  if (await isFile(likely)) return likely;
  // Claude Code shortens long paths and resolves links; the session id is unique across all folders.
  for (const folder of await fs.readdir(projects).catch(() => [])) {
    const file = path.join(projects, folder, name);
    if (await isFile(file)) return file;
  }
  return undefined;
}
