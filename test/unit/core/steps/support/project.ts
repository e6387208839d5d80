import * as path from 'node:path';
import { openProject } from '../../../../../src/core/openProject';
import type { Project } from '../../../../../src/core/project';
import { silentLogger } from '../../../../../src/core/util/logger';
import type { Site } from './site';

/** The site's repository as commands get it: real git, real programs, real lock. */
export function openSite(site: Site, supervisorPath: string): Promise<Project> {
  return openProject(site.top, { log: silentLogger, supervisorPath, storage: path.join(site.home, 'storage') });
}
