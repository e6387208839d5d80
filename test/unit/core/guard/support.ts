import * as fs from 'node:fs';
import * as path from 'node:path';
import type { GuardReport } from '../../../../src/core/guard';
import { findBubblewrap } from '../../../../src/core/guard/prevention/probe';
import type { Ended } from '../../../../src/core/process';
import { bundled } from '../../../support/bundles';
import { git, isolatedGit } from '../../../support/git';
import { own, runAs } from '../../../support/users';
import { bundledSupervisor, temporaryFolder } from '../process/support';

export const RUN = '20260105-120000-sample';
/** Tests of prevention run only if the system supports it; otherwise vitest shows them as skipped. */
export const hasBubblewrap = findBubblewrap() !== null;

export interface Den {
  readonly home: string;
  readonly top: string;
  readonly storage: string;
  /** Absolute path of a file below the top. */
  at(...rest: string[]): string;
  put(file: string, text: string): void;
  /** Runs a shell command as a check. */
  guest(command: string, how?: { readonly mode?: 'notice' }): Promise<Told>;
}

export interface Told {
  readonly report?: GuardReport;
  readonly ended?: Ended;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly error?: { readonly message: string; readonly code?: string };
}

/**
 * A repository with a run, whose guests run as root or as another user. @param uid default: the user of this process
 */
export async function den(uid?: number): Promise<Den> {
  const home = temporaryFolder();
  const [top, storage] = [path.join(home, 'repository'), path.join(home, 'storage')];
  const put = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(top, file)), { recursive: true });
    fs.writeFileSync(path.join(top, file), text);
  };
  for (const folder of [top, storage, path.join(home, 'tmp')]) fs.mkdirSync(folder);
  put('README.md', '# Sample\n');
  put('.gitignore', 'ignored/\n.weld/\n');
  await git(top, 'init', '-q');
  await git(top, 'add', '.');
  await git(top, 'commit', '-qm', 'begin');
  put('.weld/config.toml', '[project]\n');
  put(
    `.weld/runs/${RUN}/meta.json`,
    JSON.stringify({
      run_id: RUN,
      created_at: '2026-01-05T12:00:00.000Z',
      updated_at: '2026-01-05T12:00:00.000Z',
      repo_root: top,
      branch: 'main',
      head_sha: '',
      config_hash: '',
    }),
  );
  put(`.weld/runs/${RUN}/plan/plan.raw.md`, '# Plan\n');
  fs.mkdirSync(path.join(top, '.git/hooks'), { recursive: true });
  fs.mkdirSync(path.join(top, '.git/info'), { recursive: true });
  fs.writeFileSync(path.join(storage, 'seal.json'), '{}');
  fs.writeFileSync(path.join(home, '.gitconfig'), fs.readFileSync(isolatedGit()['GIT_CONFIG_GLOBAL'] ?? '', 'utf8'));
  if (uid !== undefined) own(home, uid);
  const program = bundled('test/unit/core/guard/guest.program.ts');
  return {
    home,
    top,
    storage,
    put: (file, text) => {
      put(file, text);
      if (uid !== undefined) own(home, uid);
    },
    at: (...rest) => path.join(top, ...rest),
    async guest(command, how = {}) {
      const env = {
        ...process.env,
        ...isolatedGit(),
        GIT_CONFIG_GLOBAL: path.join(home, '.gitconfig'),
        HOME: home,
        TMPDIR: path.join(home, 'tmp'),
        XDG_CONFIG_HOME: undefined,
      };
      const words = [program, top, storage, bundledSupervisor(), how.mode ?? 'best', command];
      const ran = await runAs(uid, words, { env });
      if (ran.stdout === '') throw new Error(`the guest told nothing: ${ran.stderr}`);
      return JSON.parse(ran.stdout) as Told;
    },
  };
}

/** Everything below a folder, by path (one character per byte), with its content or kind. */
export function contentOf(
  folder: string,
  skipped = /^(active\.lock|lock\b|workers\b|staging\b)/u,
): Record<string, string> {
  const found: Record<string, string> = {};
  const bytes = (name: string): Buffer => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
  const walk = (below: string): void => {
    for (const entry of fs.readdirSync(bytes(below), { encoding: 'latin1' }).sort()) {
      const name = below === '' ? entry : `${below}/${entry}`;
      if (skipped.test(name)) continue;
      const file = bytes(name);
      const stat = fs.lstatSync(file);
      if (stat.isFile()) found[name] = stat.size > 1_000_000 ? `${stat.size} bytes` : fs.readFileSync(file, 'latin1');
      else
        found[name] = stat.isSymbolicLink() ? `-> ${fs.readlinkSync(file)}` : stat.isDirectory() ? 'folder' : 'other';
      if (stat.isDirectory()) walk(name);
    }
  };
  walk('');
  return found;
}
