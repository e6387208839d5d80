import * as fs from 'node:fs';
import type { Agent, AgentRequest, AgentResult, HumanAgent } from '../../../../../src/core/agents/agent';
import type { Task } from '../../../../../src/core/config/providers';
import { withOperation } from '../../../../../src/core/operation';
import type { Operation, OperationProgress, Project } from '../../../../../src/core/project';
import { selectStep } from '../../../../../src/core/steps/select';
import { silentLogger } from '../../../../../src/core/util/logger';
import type { FixtureRepo } from './fixtureRepo';

export interface OperateOptions {
  readonly signal?: AbortSignal;
  readonly report?: (progress: OperationProgress) => void;
  readonly person?: HumanAgent;
  /** Replaces the configured agent for some tasks. */
  readonly agents?: Partial<Record<Task, (request: AgentRequest) => Promise<AgentResult>>>;
}

/** Runs a changing operation like a command, and logs every successful agent call. */
export async function operate<T>(
  fixtureRepo: FixtureRepo,
  project: Project,
  body: (op: Operation) => Promise<T>,
  options: OperateOptions = {},
): Promise<T> {
  return withOperation(
    watched(fixtureRepo, project, options),
    {
      runId: fixtureRepo.run,
      command: 'test',
      signal: options.signal ?? new AbortController().signal,
      report: options.report ?? (() => undefined),
      ...(options.person && { person: options.person }),
    },
    body,
  );
}

export function select(fixtureRepo: FixtureRepo, project: Project, step = 1): Promise<{ readonly path: string }> {
  return operate(fixtureRepo, project, (op) => selectStep(op, { run: fixtureRepo.run, step }));
}

function watched(fixtureRepo: FixtureRepo, project: Project, options: OperateOptions): Project {
  return {
    ...project,
    log: silentLogger,
    agent: async (task, person, config): Promise<Agent> => {
      const own = options.agents?.[task];
      const agent: Agent = own ? { kind: 'replay', label: 'own', run: own } : await project.agent(task, person, config);
      return {
        ...agent,
        run: async (request) => {
          const result = await agent.run(request);
          fs.appendFileSync(
            fixtureRepo.calls,
            `${request.task} ${request.attempt}${result.ok ? '' : ` ${result.failure}`}\n`,
          );
          return result;
        },
      };
    },
  };
}
