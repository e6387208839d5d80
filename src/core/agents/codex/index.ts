import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { readBounded } from '../../artifacts/bounded';
import { agentEnvironment } from '../cli/environment';
import { type CliDeps, runCli } from '../cli/run';
import type { Agent, AgentRequest, AgentResult } from '../types';
import { isolationArgs } from './isolation';
import { CodexReader } from './reader';
import { codexTranscript } from './transcript';

export interface CodexOptions {
  /** The program; default `codex` on the path. */
  readonly exec?: string;
  readonly model?: string;
  /** For tasks that edit; tasks that read are always read-only. Default `workspace-write`. */
  readonly sandbox?: 'read-only' | 'workspace-write';
}

/** How long the model may be silent, in ms: it prints whole messages only, and may think for long before one. */
const SILENCE_MS = 15 * 60_000;
/** Longest answer that is read from a file, in bytes. */
const LONGEST_ANSWER = 8 * 1024 * 1024;

/** Codex as an agent, inside its own sandbox. */
export function createCodexAgent(deps: CliDeps, options: CodexOptions = {}): Agent {
  return {
    kind: 'codex',
    label: options.model === undefined ? 'Codex' : `Codex (${options.model})`,
    run: (request) => run(deps, options, request),
  };
}

async function run(deps: CliDeps, options: CodexOptions, request: AgentRequest): Promise<AgentResult> {
  const env = agentEnvironment('codex', deps.env ?? process.env);
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'weld-codex-'));
  try {
    const files = { schema: path.join(folder, 'schema.json'), answer: path.join(folder, 'answer.txt') };
    if (request.outputSchema !== undefined) await fs.writeFile(files.schema, JSON.stringify(request.outputSchema));
    const [command = 'exec', ...args] = codexArgs(request, options, files);
    return await runCli(
      deps,
      {
        kind: 'codex',
        name: 'Codex',
        file: options.exec ?? 'codex',
        args: [command, ...(await isolationArgs(request, env)), ...args],
        env,
        reader: (emit) => new CodexReader(emit, request.cwd, request.outputSchema !== undefined),
        silenceMs: SILENCE_MS,
        lastWords: () => readAnswer(files.answer),
        transcript: (sessionId) => codexTranscript(env, sessionId),
      },
      request,
    );
  } finally {
    await fs.rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

export function codexArgs(
  request: Pick<AgentRequest, 'access' | 'outputSchema' | 'sessionId'>,
  options: CodexOptions,
  files: { readonly schema: string; readonly answer: string },
): string[] {
  return [
    'exec',
    '--json',
    '-s',
    request.access === 'edit' ? (options.sandbox ?? 'workspace-write') : 'read-only',
    ...(options.model === undefined ? [] : ['-m', options.model]),
    ...(request.outputSchema === undefined ? [] : ['--output-schema', files.schema]),
    '-o',
    files.answer,
    ...(request.sessionId === undefined ? [] : ['resume', request.sessionId]),
    '-',
  ];
}

async function readAnswer(file: string): Promise<string | undefined> {
  const found = await readBounded(file, { most: LONGEST_ANSWER });
  return found.how === 'read' ? found.bytes.toString('utf8') : undefined;
}
