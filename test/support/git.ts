import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { mustRun } from './run';

let shared: NodeJS.ProcessEnv | undefined;

/**
 * Isolates git from the person's own configuration: an identity, no signing, none of their hooks or templates, English.
 * Merge it into the environment of every program that may run git.
 */
export function isolatedGit(): NodeJS.ProcessEnv {
  if (shared) return shared;
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wg-'));
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
  const config = path.join(dir, 'gitconfig');
  fs.mkdirSync(path.join(dir, 'template'));
  fs.writeFileSync(
    config,
    [
      '[user]',
      '\tname = Sample Person',
      '\temail = sample@example.invalid',
      '[init]',
      '\tdefaultBranch = main',
      `\ttemplateDir = ${path.join(dir, 'template')}`,
      '[commit]',
      '\tgpgSign = false',
      '[tag]',
      '\tgpgSign = false',
      '[gc]',
      '\tauto = 0',
      '[core]',
      '\tautocrlf = false',
      '',
    ].join('\n'),
  );
  shared = {
    GIT_CONFIG_GLOBAL: config,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C.UTF-8',
    // If a git hook runs the tests, its variables would point every git of a test at the wrong repository.
    GIT_DIR: undefined,
    GIT_WORK_TREE: undefined,
    GIT_INDEX_FILE: undefined,
    GIT_AUTHOR_NAME: undefined,
    GIT_AUTHOR_EMAIL: undefined,
    GIT_COMMITTER_NAME: undefined,
    GIT_COMMITTER_EMAIL: undefined,
  };
  return shared;
}

/** Runs git in a folder, without the person's configuration. @returns standard output, trimmed */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  return (await mustRun('git', args, { cwd, env: { ...process.env, ...isolatedGit() } })).trimEnd();
}
