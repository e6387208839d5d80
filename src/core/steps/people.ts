import type { Task } from '../agents/types';
import type { Config } from '../config/schema';
import { WeldError } from '../errors';
import type { Operation } from '../project';

/**
 * Finds out before the first write that a task is a person's and that there is none. @throws WeldError `NEEDS_PERSON`,
 * `CONFIG_INVALID`
 */
export async function needAgents(op: Operation, tasks: readonly Task[], config: Config): Promise<void> {
  for (const task of tasks) {
    const agent = await op.project.agent(task, op.person, config);
    if (agent.kind === 'manual' && !op.person)
      throw new WeldError(
        'NEEDS_PERSON',
        `The agent for "${task}" is a person; run it from the editor, or choose another agent in .weld/config.toml.`,
      );
  }
}
