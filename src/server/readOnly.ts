import { WeldPaths } from '../core/artifacts/paths';
import { loadConfig } from '../core/config';
import { WeldError } from '../core/errors';
import type { Git } from '../core/git/types';
import { silentLogger } from '../core/logger';
import type { Programs } from '../core/process/types';
import type { Project } from '../core/project';

/**
 * A project for readers: whatever would start a program is refused, so that the server can be used in an untrusted
 * workspace.
 * @param storage where the seals of runs stand; empty when the client does not tell: states are then what the run's own
 *   files say
 */
export function readOnlyProject(top: string, storage: string): Project {
  const paths = new WeldPaths(top);
  return {
    top,
    paths,
    git: refusing<Git>({ top }),
    programs: refusing<Programs>({}),
    storage,
    log: silentLogger,
    config: () => loadConfig(paths.config),
    agent: () => Promise.reject(refusal()),
    now: () => new Date(),
  };
}

function refusing<T extends object>(known: Partial<T>): T {
  return new Proxy(known, {
    get(target, key): unknown {
      if (key in target) return target[key as keyof typeof target];
      throw refusal();
    },
  }) as T;
}

const refusal = (): WeldError => new WeldError('INTERNAL', 'The language server reads files and starts no programs.');
