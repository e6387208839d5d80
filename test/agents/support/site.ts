import * as fs from 'node:fs';
import * as path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Status } from '../../../src/core/artifacts/schemas';
import type { LoopResult } from '../../../src/core/steps/results';
import { runLoop } from '../../../src/core/steps/runLoop';
import { withEnvironment } from '../../support/processes';
import { bundledSupervisor } from '../../unit/core/process/support';
import { type OperateOptions, operate, select } from '../../unit/core/steps/support/operate';
import { openSite } from '../../unit/core/steps/support/project';
import { createSite, removeSite, type Site } from '../../unit/core/steps/support/site';
import { pinnedPrograms } from '../programs/install';
import { ModelService } from '../service/service';
import { agentHome } from './home';

export interface AgentSite {
  readonly site: Site;
  readonly service: ModelService;
  /** What the loop reported as it went. */
  readonly messages: string[];
  loop(options?: OperateOptions & { readonly resume?: boolean; readonly maxIterations?: number }): Promise<LoopResult>;
  /** A record of an iteration as it stands on disk. */
  read(iteration: number, name: string): Record<string, unknown>;
  status(iteration: number): Status;
  left(): number[];
}

/**
 * A repository whose step is implemented by Claude Code and reviewed by Codex, both real, with a scripted service
 * behind them.
 */
export async function makeSite(
  programs: { readonly claude?: string; readonly codex?: string /** Not shut in. */; readonly noticed?: boolean } = {},
): Promise<AgentSite> {
  const pinned = pinnedPrograms();
  const supervisor = bundledSupervisor(); // before the environment changes: what builds it outlives this test
  const exec = (name: 'claude' | 'codex'): string => JSON.stringify(programs[name] ?? pinned[name]);
  const site = await createSite([], {
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
    removeSite(site);
  });
  const { variables } = agentHome(site.home, service.port);
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  const project = await openSite(site, supervisor);
  await select(site, project);
  const folder = path.join(site.paths.run(site.run).root, 'steps/01-add-the-numbers/iter');
  const messages: string[] = [];
  const read = (iteration: number, name: string): Record<string, unknown> =>
    JSON.parse(fs.readFileSync(path.join(folder, String(iteration).padStart(2, '0'), name), 'utf8')) as Record<
      string,
      unknown
    >;
  return {
    site,
    service,
    messages,
    read,
    loop: ({ resume, maxIterations, ...options } = {}) =>
      operate(
        site,
        project,
        (op) => runLoop(op, { run: site.run, step: 1, resume, maxIterations }, { backoffMs: 100 }),
        {
          ...options,
          report: (progress) => {
            messages.push(progress.message);
            options.report?.(progress);
          },
        },
      ),
    status: (iteration) => read(iteration, 'status.json') as unknown as Status,
    left: () => withEnvironment(path.join(site.home, 'home')),
  };
}
