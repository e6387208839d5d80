import * as path from 'node:path';
import { AGENT_KINDS, type AgentKind, isProvider, PROVIDER_NAMES, type Provider, type Task } from '../config/providers';
import type { Config, TaskModel } from '../config/schema';
import type { Programs } from '../process/ports';
import { reason, WeldError } from '../util/errors';
import type { Logger } from '../util/logger';
import type { Adapter, AgentSettings } from './adapter';
import type { Agent, AgentResult, FailureKind, HumanAgent } from './agent';
import { claudeAdapter } from './claude';
import { codexAdapter } from './codex';
import { replayAgent } from './replay';

export interface AgentDeps {
  /** The repository's top; a recording's path is relative to it. */
  readonly top: string;
  readonly programs: Programs;
  /** Absent in silent commands. */
  readonly person?: HumanAgent | undefined;
  readonly log?: Logger | undefined;
  /** Creates the agents that are programs; default: `ADAPTERS`. */
  readonly makers?: Partial<Record<Provider, Adapter['make']>>;
}

/** The code of each agent program. */
export const ADAPTERS: Readonly<Record<Provider, Adapter>> = { claude: claudeAdapter, codex: codexAdapter };

/** The agent that implements also fixes, unless config.toml says otherwise. */
function taskModel(task: Task, config: Config): TaskModel | undefined {
  return config.task_models[task] ?? (task === 'fix_generation' ? config.task_models.implementation : undefined);
}

/** The kind of agent for a task: from `[task_models]`, else from a configured section, else the person. */
export function agentKind(task: Task, config: Config): AgentKind {
  const chosen = taskModel(task, config)?.provider;
  if (chosen !== undefined) return chosen;
  if (config.replay.recording !== undefined) return 'replay';
  const reviews = task.endsWith('_review');
  const configured = PROVIDER_NAMES.filter(
    (name) => config[name].exec !== undefined || config[name].model !== undefined,
  );
  // With both programs configured the second one reviews, as the names of a run's files say.
  return (reviews ? configured.at(-1) : configured[0]) ?? 'manual';
}

/** Creates the agent for a task. @throws WeldError `CONFIG_INVALID` when its configuration is incomplete or unknown */
export function createAgent(task: Task, config: Config, deps: AgentDeps): Agent {
  const kind: string = agentKind(task, config);
  const own = taskModel(task, config);
  if (kind === 'manual') return manualAgent(deps.person);
  if (kind === 'replay') {
    const recording = own?.recording ?? config.replay.recording;
    if (recording === undefined)
      throw new WeldError(
        'CONFIG_INVALID',
        `The agent for "${task}" is replay, but no recording is named; set recording under [replay] in ` +
          '.weld/config.toml.',
      );
    return replayAgent(path.resolve(deps.top, recording));
  }
  if (!isProvider(kind))
    throw new WeldError(
      'CONFIG_INVALID',
      `"${kind}" is not an agent; use ${AGENT_KINDS.slice(0, -1).join(', ')} or ${AGENT_KINDS.at(-1) ?? ''} for ` +
        `"${task}" in .weld/config.toml.`,
    );
  const make = deps.makers?.[kind] ?? ADAPTERS[kind].make;
  const settings = config[kind] as Omit<AgentSettings, 'programs' | 'log'>;
  return make({
    ...settings,
    ...(own?.exec !== undefined && { exec: own.exec }),
    ...(own?.model !== undefined && { model: own.model }),
    programs: deps.programs,
    ...(deps.log && { log: deps.log }),
  });
}

/** The person does the task: reads the prompt, edits files, writes the answer. Fails as `needs_person` without one. */
export function manualAgent(person: HumanAgent | undefined): Agent {
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
        return fail('crash', `The answer could not be used (${reason(error)}); try again.`);
      }
    },
  };
}
