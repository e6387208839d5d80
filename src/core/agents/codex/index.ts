import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { parse } from 'smol-toml';
import { readBounded } from '../../artifacts/bounded';
import { PROVIDERS } from '../../config/providers';
import type { ProgramResult } from '../../process/ports';
import { type Adapter, type Login, UNKNOWN_LOGIN } from '../adapter';
import type { Agent, AgentRequest, AgentResult } from '../agent';
import { agentEnvironment } from '../cli/environment';
import { type CliDeps, runCli } from '../cli/runCli';
import { CodexReader } from './codexReader';

export interface CodexOptions {
  /** The program; default `codex` on the PATH. */
  readonly exec?: string;
  readonly model?: string;
  /** The sandbox for editing tasks; default `workspace-write`. Reading tasks are always read-only. */
  readonly sandbox?: 'read-only' | 'workspace-write';
}

/** Maximum silence, in ms: Codex prints whole messages only, and the model may think for long before one. */
const SILENCE_MS = 15 * 60_000;
/** Maximum size of an answer file, in bytes. */
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
        provider: 'codex',
        file: options.exec ?? PROVIDERS.codex.program,
        model: options.model,
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

/** `login status` answers by its exit code. It ignores a key in the environment and custom model providers. */
async function readLogin(result: ProgramResult, env: Readonly<Record<string, string>>): Promise<Login | null> {
  const decoder = new TextDecoder();
  const printed = decoder.decode(result.stdout) + decoder.decode(result.stderr);
  if (result.exitCode === 0) return { loggedIn: 'yes', how: /chatgpt/iu.test(printed) ? 'ChatGPT' : 'API key' };
  if ((env['CODEX_API_KEY'] ?? '') !== '') return { loggedIn: 'yes', how: 'CODEX_API_KEY' };
  const config = await boundedText(path.join(codexHome(env), 'config.toml'), LONGEST_CONFIG);
  if (config !== undefined && /^[ \t]*model_provider[ \t]*=/mu.test(config))
    return { loggedIn: 'unknown', how: 'Its configuration names another provider.' };
  return /not logged in/iu.test(printed) ? null : UNKNOWN_LOGIN;
}

export const codexAdapter: Adapter = { make: (settings) => createCodexAgent(settings, settings), readLogin };

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

/** Maximum size of Codex's configuration file, in bytes. */
const LONGEST_CONFIG = 1024 * 1024;

/**
 * Options that keep files written by one agent from configuring this one. Codex treats the repository as untrusted, so
 * it reads no `.codex/config.toml`, hooks or rules from it. It does not load AGENTS.md either: the prompt has it as the
 * person wrote it. A review also runs without the person's configured servers, because some of them write.
 */
export async function isolationArgs(
  request: Pick<AgentRequest, 'access' | 'cwd'>,
  env: Readonly<Record<string, string>>,
): Promise<string[]> {
  const trees = [
    ...new Set([
      request.cwd,
      await fs.realpath(request.cwd).catch(() => request.cwd),
      ...(await mainWorkTree(request.cwd)),
    ]),
  ];
  // Only whole tables override the user's own file; dotted keys and empty tables do not.
  const settings = [
    `projects={${trees.map((tree) => `${JSON.stringify(tree)}={trust_level="untrusted"}`).join(',')}}`,
    'project_doc_max_bytes=0',
  ];
  const servers = request.access === 'edit' ? [] : await configuredServers(env);
  if (servers.length > 0)
    settings.push(`mcp_servers={${servers.map((name) => `${JSON.stringify(name)}={enabled=false}`).join(',')}}`);
  return settings.flatMap((setting) => ['-c', setting]);
}

/** The main work tree of a linked one, if `top` is linked: Codex checks its trust level. */
async function mainWorkTree(top: string): Promise<string[]> {
  const text = (await boundedText(path.join(top, '.git'), 4096)) ?? '';
  const folder = /^gitdir: (.{1,4000})$/mu.exec(text)?.[1]?.trim();
  const main =
    folder === undefined
      ? undefined
      : /^(.*)[/\\]\.git[/\\]worktrees[/\\][^/\\]+[/\\]?$/u.exec(path.resolve(top, folder))?.[1];
  return main === undefined ? [] : [main];
}

/**
 * The names of the servers in the user's configuration; none when it is unreadable, since Codex cannot start them then.
 */
async function configuredServers(env: Readonly<Record<string, string>>): Promise<string[]> {
  const text = await boundedText(path.join(codexHome(env), 'config.toml'), LONGEST_CONFIG);
  if (text === undefined) return [];
  try {
    const servers = parse(text)['mcp_servers'];
    return typeof servers === 'object' && !Array.isArray(servers) && !(servers instanceof Date)
      ? Object.keys(servers)
      : [];
  } catch {
    return [];
  }
}

async function boundedText(file: string, most: number): Promise<string | undefined> {
  const read = await readBounded(file, { most, follow: true });
  return read.how === 'read' ? read.bytes.toString('utf8') : undefined;
}

/** Maximum number of day folders searched: this call created the session, so it is recent. */
const MOST_DAYS = 40;

const codexHome = (env: Readonly<Record<string, string>>): string =>
  env['CODEX_HOME'] ?? path.join(env['HOME'] ?? os.homedir(), '.codex');

/** The transcript that Codex keeps of a session, if it exists: `sessions/YYYY/MM/DD/rollout-<time>-<id>.jsonl`. */
export async function codexTranscript(
  env: Readonly<Record<string, string>>,
  sessionId: string,
): Promise<string | undefined> {
  let days = 0;
  const root = path.join(codexHome(env), 'sessions');
  for (const year of await newestFirst(root))
    for (const month of await newestFirst(path.join(root, year)))
      for (const day of await newestFirst(path.join(root, year, month))) {
        const folder = path.join(root, year, month, day);
        const found = (await fs.readdir(folder).catch(() => [])).find(
          (name) => name.startsWith('rollout-') && name.endsWith(`-${sessionId}.jsonl`),
        );
        if (found !== undefined) return path.join(folder, found);
        if (++days >= MOST_DAYS) return undefined;
      }
  return undefined;
}

async function newestFirst(folder: string): Promise<string[]> {
  const names = await fs.readdir(folder).catch(() => []);
  return names
    .filter((name) => /^\d+$/u.test(name))
    .sort()
    .reverse();
}
