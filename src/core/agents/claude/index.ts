import { agentEnvironment } from '../cli/environment';
import { type CliDeps, runCli } from '../cli/run';
import type { Agent, AgentRequest, AgentResult } from '../types';
import { commandRules } from './allowed';
import { costOfCall } from './costs';
import { ClaudeReader } from './reader';
import { claudeTranscript } from './transcript';

export interface ClaudeOptions {
  /** The program; default `claude` on the path. */
  readonly exec?: string;
  readonly model?: string;
}

/** Claude Code as an agent: tasks that read get tools that only read, tasks that edit may edit without asking. */
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
      kind: 'claude',
      name: 'Claude Code',
      file: options.exec ?? 'claude',
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

/** The words of the command line; the prompt is not among them, because it may be longer than a system allows. */
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
