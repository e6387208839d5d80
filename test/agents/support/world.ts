import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Agent, AgentEvent, AgentRequest, AgentResult } from '../../../src/core/agents/agent';
import { createClaudeAgent } from '../../../src/core/agents/claude';
import type { CliDeps } from '../../../src/core/agents/cli/runCli';
import { createCodexAgent } from '../../../src/core/agents/codex';
import { createPrograms } from '../../../src/core/process';
import type { Logger } from '../../../src/core/util/logger';
import { git, isolatedGit } from '../../support/git';
import { environmentHolds, runningPids } from '../../support/processes';
import { storage } from '../../support/storage';
import { bundledSupervisor, guestPrograms, heldLock, type TestLock } from '../../unit/core/process/support';
import { pinnedPrograms } from '../programs/install';
import { ModelService } from '../service/service';
import { agentHome } from './home';

/** A repository, a home and a model service for one test, with the real programs. */
export interface World {
  readonly top: string;
  readonly home: string;
  readonly service: ModelService;
  readonly env: NodeJS.ProcessEnv;
  readonly lock: TestLock;
  /** All log output. */
  readonly logged: string[];
  readonly deps: CliDeps;
  claude(options?: { readonly exec?: string; readonly model?: string; readonly silenceMs?: number }): Agent;
  codex(options?: {
    readonly exec?: string;
    readonly model?: string;
    readonly silenceMs?: number;
    readonly sandbox?: 'read-only' | 'workspace-write';
  }): Agent;
  /** Running processes of this world. */
  left(): number[];
}

/** @param under the parent of its folder; agents' sandboxes can access temporary folders, but no others */
export async function makeWorld(under = os.tmpdir()): Promise<World> {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(under, 'weld-agents-')));
  const service = await ModelService.start();
  onTestFinished(async () => {
    await service.stop();
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  const top = path.join(folder, 'repo');
  fs.mkdirSync(top);
  const { home, variables } = agentHome(folder, service.port);
  fs.writeFileSync(path.join(top, 'a.txt'), 'one\ntwo\n');
  fs.writeFileSync(path.join(top, '.gitignore'), '.weld/\n');
  await git(top, 'init', '--quiet', '--initial-branch=main');
  await git(top, 'add', '--all');
  await git(top, 'commit', '--quiet', '--message', 'Start');

  const logged: string[] = [];
  const note =
    (level: string) =>
    (message: string): void =>
      void logged.push(`${level} ${message}`);
  const log: Logger = { trace: note('trace'), info: note('info'), warn: note('warn'), error: note('error') };
  const env = { ...process.env, ...isolatedGit(), ...variables };
  const deps: CliDeps = { programs: createPrograms({ log, supervisorPath: bundledSupervisor(), storage }), log, env };
  const pinned = pinnedPrograms();
  return {
    top,
    home,
    service,
    env,
    logged,
    deps,
    lock: heldLock(top),
    claude: ({ silenceMs, ...options } = {}) =>
      createClaudeAgent(
        { ...deps, ...(silenceMs !== undefined && { silenceMs }) },
        { exec: pinned.claude, ...options },
      ),
    codex: ({ silenceMs, ...options } = {}) =>
      createCodexAgent({ ...deps, ...(silenceMs !== undefined && { silenceMs }) }, { exec: pinned.codex, ...options }),
    left: () => runningPids().filter((pid) => environmentHolds(pid, folder) || workingFolder(pid).startsWith(folder)),
  };
}

function workingFolder(pid: number): string {
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

export interface Asked {
  readonly result: AgentResult;
  readonly events: readonly AgentEvent[];
  /** All streamed text. */
  readonly streamed: string;
}

/** Calls an agent inside a world. @param keep false: events are not stored */
export async function ask(
  world: World,
  agent: Agent,
  request: Partial<AgentRequest> = {},
  keep = true,
): Promise<Asked> {
  const events: AgentEvent[] = [];
  const result = await agent.run({
    task: 'implementation',
    attempt: 1,
    prompt: `Do what is asked. ${randomUUID()}`,
    cwd: world.top,
    lock: world.lock,
    guest: guestPrograms(world.deps.programs, world.lock),
    access: 'edit',
    timeoutMs: 120_000,
    signal: new AbortController().signal,
    ...request,
    onEvent: (event) => {
      if (keep) events.push(event);
      request.onEvent?.(event);
    },
  });
  return { result, events, streamed: events.map((event) => (event.kind === 'text' ? event.text : '')).join('') };
}
