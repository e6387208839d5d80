import * as fs from 'node:fs';
import * as path from 'node:path';
import { createAgent } from '../../../../../src/core/agents/registry';
import { loadConfig } from '../../../../../src/core/config';
import type { Git } from '../../../../../src/core/git/types';
import { silentLogger } from '../../../../../src/core/logger';
import { createPrograms } from '../../../../../src/core/process';
import type { Project } from '../../../../../src/core/project';
import { WeldError } from '../../../../../src/core/errors';
import { git, isolatedGit } from '../../../../support/git';
import { mustRun } from '../../../../support/run';
import type { Site } from './site';

export async function openSite(site: Site, supervisorPath: string): Promise<Project> {
  const programs = createPrograms({ log: silentLogger, supervisorPath });
  const config = () => loadConfig(site.paths.config);
  return {
    top: site.top, paths: site.paths, git: tmpGit(site.top), programs, log: silentLogger, config,
    agent: async (task, person) => createAgent(task, (await config()).config, { top: site.top, programs, person }),
    now: () => new Date(),
  };
}

function tmpGit(top: string): Git {
  const index = path.join(top, '.weld/cache/index');
  const plain = (...args: string[]) => git(top, ...args);
  const priv = async (...args: string[]) => (await mustRun('git', args, { cwd: top, env: { ...process.env, ...isolatedGit(), GIT_INDEX_FILE: index } })).trimEnd();
  return {
    top, version: () => plain('--version'),
    head: async () => ({ sha: await plain('rev-parse', 'HEAD'), branch: 'main' }),
    blobId: () => Promise.resolve(''), headTree: () => plain('rev-parse', 'HEAD^{tree}'),
    captureTree: async (lock, options) => {
      lock.assertHeld();
      if (options?.signal?.aborted) throw new WeldError('CANCELLED', 'cancelled');
      fs.mkdirSync(path.dirname(index), { recursive: true });
      await priv('add', '-A', '--', ':/', ':(exclude).weld');
      return { tree: await priv('write-tree'), leftOut: [] };
    },
    diff: async (from, to) => new TextEncoder().encode(from === to ? '' : `${await plain('diff', from, to)}\n`),
    changedFiles: async (from, to) => (await plain('diff', '--name-only', from, to)).split('\n').filter(Boolean).map((p) => ({ path: p, status: 'modified' as const })),
    readFile: () => Promise.resolve(null),
    readRef: (name) => plain('rev-parse', '-q', '--verify', name).catch(() => null),
    listRefs: async (prefix) => (await plain('for-each-ref', '--format=%(refname) %(objectname)', prefix)).split('\n').filter(Boolean).map((l) => { const [name = '', oid = ''] = l.split(' '); return { name, oid }; }),
    writeRef: async (lock, name, oid, mode) => { lock.assertHeld(); await plain('update-ref', name, oid, ...(mode === 'create' ? ['0'.repeat(40)] : [])); },
    deleteRefs: async (lock, prefix) => { lock.assertHeld(); for (const name of (await plain('for-each-ref', '--format=%(refname)', prefix)).split('\n').filter(Boolean)) await plain('update-ref', '-d', name); },
    restoreTree: async (lock, from, to) => { lock.assertHeld(); await priv('read-tree', from); await priv('read-tree', '-m', '-u', from, to); },
    commit: () => Promise.reject(new Error('no')), changes: () => Promise.resolve([]),
  };
}
