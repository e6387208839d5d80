import * as fs from 'node:fs';
import * as path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Status } from '../../../src/core/artifacts/schemas';
import type { LoopResult } from '../../../src/core/steps/results';
import { runLoop } from '../../../src/core/steps/runLoop';
import { withEnvironment } from '../../support/processes';
import { bundledSupervisor } from '../../unit/core/process/support';
import { createFixtureRepo, type FixtureRepo, removeFixtureRepo } from '../../unit/core/steps/support/fixtureRepo';
import { type OperateOptions, operate, select } from '../../unit/core/steps/support/operate';
import { openFixtureRepo } from '../../unit/core/steps/support/project';
import { pinnedPrograms } from '../programs/install';
import { ModelService } from '../service/service';
import { agentHome } from './home';

export interface AgentFixture {
  readonly fixtureRepo: FixtureRepo;
  readonly service: ModelService;
  /** Progress reports of the loop. */
  readonly messages: string[];
  loop(options?: OperateOptions & { readonly resume?: boolean; readonly maxIterations?: number }): Promise<LoopResult>;
  /** Reads a record of an iteration from disk. */
  read(iteration: number, name: string): Record<string, unknown>;
  status(iteration: number): Status;
  left(): number[];
}

/**
 * A repository whose step is implemented by the real Claude Code and reviewed by the real Codex, with a scripted
 * service.
 */
export async function makeAgentFixture(
  programs: { readonly claude?: string; readonly codex?: string /** Not shut in. */; readonly noticed?: boolean } = {},
): Promise<AgentFixture> {
  const pinned = pinnedPrograms();
  const supervisor = bundledSupervisor(); // before the environment changes: the bundler outlives this test
  const exec = (name: 'claude' | 'codex'): string => JSON.stringify(programs[name] ?? pinned[name]);
  const fixtureRepo = await createFixtureRepo([], {
    config: [
      '[task_models]',
      `implementation = { provider = "claude", exec = ${exec('claude')} }`,
      `implementation_review = { provider = "codex", exec = ${exec('codex')}, model = "gpt-5.5" }`,
      ...(programs.noticed === true ? ['[guard]', 'claude = "notice"'] : []),
    ].join('\n'),
  });
  const service = await ModelService.start();
  onTestFinished(async () => {
    await service.stop();
    removeFixtureRepo(fixtureRepo);
  });
  const { variables } = agentHome(fixtureRepo.home, service.port);
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  const project = await openFixtureRepo(fixtureRepo, supervisor);
  await select(fixtureRepo, project);
  const folder = path.join(fixtureRepo.paths.run(fixtureRepo.run).root, 'steps/01-add-the-numbers/iter');
  const messages: string[] = [];
  const read = (iteration: number, name: string): Record<string, unknown> =>
    JSON.parse(fs.readFileSync(path.join(folder, String(iteration).padStart(2, '0'), name), 'utf8')) as Record<
      string,
      unknown
    >;
  return {
    fixtureRepo,
    service,
    messages,
    read,
    loop: ({ resume, maxIterations, ...options } = {}) =>
      operate(
        fixtureRepo,
        project,
        (op) => runLoop(op, { run: fixtureRepo.run, step: 1, resume, maxIterations }, { backoffMs: 100 }),
        {
          ...options,
          report: (progress) => {
            messages.push(progress.message);
            options.report?.(progress);
          },
        },
      ),
    status: (iteration) => read(iteration, 'status.json') as unknown as Status,
    left: () => withEnvironment(path.join(fixtureRepo.home, 'home')),
  };
}
