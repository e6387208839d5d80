/**
 * Runs a real agent under Weld's guard, in a process that tests can start as another user: `shutIn <file of a Task>`.
 * Prints a `Told`.
 */
import * as fs from 'node:fs';
import { guestOf } from '../../../src/core/agents/agent';
import { createClaudeAgent } from '../../../src/core/agents/claude';
import { createCodexAgent } from '../../../src/core/agents/codex';
import { runGuarded } from '../../../src/core/guard';
import { acquireRunLock } from '../../../src/core/lock';
import { openProject } from '../../../src/core/openProject';
import { silentLogger } from '../../../src/core/util/logger';
import type { ShutInTask, Told } from './shutIn';

async function main(): Promise<Told> {
  const task = JSON.parse(fs.readFileSync(process.argv[2] ?? '', 'utf8')) as ShutInTask;
  const project = await openProject(task.top, {
    log: silentLogger,
    storage: task.storage,
    supervisorPath: task.supervisor,
  });
  await using lock = await acquireRunLock(project.paths.root, { runId: '20260105-120000-sample', command: 'test' });
  const deps = { programs: project.programs, log: silentLogger };
  const agent =
    task.kind === 'claude' ? createClaudeAgent(deps, { exec: task.exec }) : createCodexAgent(deps, { exec: task.exec });
  const { result, report } = await runGuarded({ project, lock, signal: lock.signal }, guestOf(agent), (guest) =>
    agent.run({
      task: 'implementation',
      attempt: 1,
      prompt: 'Do what is asked.',
      cwd: task.top,
      lock,
      guest,
      access: task.access,
      timeoutMs: 100_000,
      signal: lock.signal,
      onEvent: () => undefined,
    }),
  );
  return { result, report };
}

main().then(
  (told) => {
    process.stdout.write(JSON.stringify(told));
  },
  (error: unknown) => {
    process.stdout.write(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
  },
);
