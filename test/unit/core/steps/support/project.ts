import * as path from 'node:path';
import { openProject } from '../../../../../src/core/openProject';
import type { Project } from '../../../../../src/core/project';
import { silentLogger } from '../../../../../src/core/util/logger';
import type { FixtureRepo } from './fixtureRepo';

/** The fixture repository as commands receive it: real git, real programs, real lock. */
export function openFixtureRepo(fixtureRepo: FixtureRepo, supervisorPath: string): Promise<Project> {
  return openProject(fixtureRepo.top, {
    log: silentLogger,
    supervisorPath,
    storage: path.join(fixtureRepo.home, 'storage'),
  });
}
