import * as path from 'node:path';
import type { AgentKind, Task } from '../config/providers';
import type { Config, TaskModel } from '../config/schema';
import type { Programs } from '../process/ports';
import { reason, WeldError } from '../util/errors';
import type { Logger } from '../util/logger';
import type { Agent, AgentResult, FailureKind, Person } from './agent';
import { createClaudeAgent } from './claude';
import { createCodexAgent } from './codex';
import { replayAgent } from './replay';

/** What a maker of a real agent gets: the program and model that config.toml names, if any. */
export interface AgentSettings {
  readonly programs: Programs;
  readonly log?: Logger;
  readonly exec?: string;
  readonly model?: string;
  /** Codex only. */
  readonly sandbox?: 'read-only' | 'workspace-write';
}

export interface AgentDeps {
  /** The repository's top; a recording's path is relative to it. */
  readonly top: string;
  readonly programs: Programs;
  /** Absent in silent commands. */
  readonly person?: Person | undefined;
  readonly log?: Logger | undefined;
  /** Makers of the agents that are programs; left out: the real ones. */
  readonly makers?: Partial<Record<'claude' | 'codex', (settings: AgentSettings) => Agent>>;
}

const REAL: Readonly<Record<'claude' | 'codex', (settings: AgentSettings) => Agent>> = {
  claude: ({ programs, log, ...options }) => createClaudeAgent({ programs, ...(log && { log }) }, options),
  codex: ({ programs, log, ...options }) => createCodexAgent({ programs, ...(log && { log }) }, options),
};

/** Who implements also fixes, unless the file says otherwise. */
function taskModel(task: Task, config: Config): TaskModel | undefined {
  return config.task_models[task] ?? (task === 'fix_generation' ? config.task_models.implementation : undefined);
}

/** Which kind does a task: `[task_models]`, else a configured section, else the person. */
export function agentKind(task: Task, config: Config): AgentKind {
  const chosen = taskModel(task, config)?.provider;
  if (chosen !== undefined) return chosen;
  if (config.replay.recording !== undefined) return 'replay';
  const reviews = task.endsWith('_review');
  const configured = (['claude', 'codex'] as const).filter(
    (kind) => config[kind].exec !== undefined || config[kind].model !== undefined,
  );
  // With both programs configured the second reviews what the first made, as the file names of a run have it.
  return (reviews ? configured.at(-1) : configured[0]) ?? 'manual';
}

/** The agent that does a task. @throws WeldError `CONFIG_INVALID` when it is not fully configured or not known here */
export function createAgent(task: Task, config: Config, deps: AgentDeps): Agent {
  const kind: string = agentKind(task, config);
  const own = taskModel(task, config);
  switch (kind) {
    case 'manual':
      return manualAgent(deps.person);
    case 'replay': {
      const recording = own?.recording ?? config.replay.recording;
      if (recording === undefined)
        throw new WeldError(
          'CONFIG_INVALID',
          `The agent for "${task}" is replay, but no recording is named; set recording under [replay] in ` +
            '.weld/config.toml.',
        );
      return replayAgent(path.resolve(deps.top, recording));
    }
    case 'claude':
    case 'codex': {
      const make = deps.makers?.[kind] ?? REAL[kind];
      const exec = own?.exec ?? config[kind].exec;
      const model = own?.model ?? config[kind].model;
      const sandbox = kind === 'codex' ? config.codex.sandbox : undefined;
      return make({
        programs: deps.programs,
        ...(deps.log && { log: deps.log }),
        ...(exec !== undefined && { exec }),
        ...(model !== undefined && { model }),
        ...(sandbox !== undefined && { sandbox }),
      });
    }
    default:
      throw new WeldError(
        'CONFIG_INVALID',
        `"${kind}" is not an agent; use claude, codex, manual or replay for "${task}" in .weld/config.toml.`,
      );
  }
}

/**
 * The person does the task: sees the prompt, edits the files, gives the answer. Without a person it fails as
 * `needs_person`.
 */
export function manualAgent(person: Person | undefined): Agent {
  return {
    kind: 'manual',
    label: 'Manual',
    async run(request): Promise<AgentResult> {
      const began = performance.now();
      const fail = (failure: FailureKind, message: string): AgentResult => ({
        ok: false,
        failure,
        message,
        usage: { durationMs: Math.round(performance.now() - began) },
      });
      if (!person)
        return fail(
          'needs_person',
          `The agent for "${request.task}" is a person; run the command from the editor, or choose another ` +
            'agent in .weld/config.toml.',
        );
      try {
        request.signal.throwIfAborted();
        const text = await person.answer(request);
        if (request.signal.aborted) return fail('cancelled', 'The task was cancelled.');
        if (text === null) return fail('cancelled', 'Cancelled. Continue at any time.');
        return { ok: true, text, usage: { durationMs: Math.round(performance.now() - began) } };
      } catch (error) {
        if (request.signal.aborted) return fail('cancelled', 'The task was cancelled.');
        return fail('crash', `The answer could not be taken (${reason(error)}); try again.`);
      }
    },
  };
}
