import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { root } from '../../support/paths';
import { mustRun } from '../../support/run';

const here = import.meta.dirname;
const lockfile = path.join(here, 'package-lock.json');

/** Each set of pinned versions has its own folder, so that files of earlier versions never interfere. */
const folder = path.join(
  root,
  '.cache/agents',
  createHash('sha256').update(fs.readFileSync(lockfile)).digest('hex').slice(0, 12),
);
const modules = path.join(folder, 'node_modules');

export interface PinnedPrograms {
  readonly claude: string;
  readonly codex: string;
}

/** The paths of the pinned programs. @throws if one is missing: the tests then fail instead of being skipped */
export function pinnedPrograms(): PinnedPrograms {
  const scope = path.join(modules, '@anthropic-ai');
  const names = fs.existsSync(scope) ? fs.readdirSync(scope) : [];
  // Install scripts do not run, so the program comes from the package of this platform; Codex uses the launcher of its
  // package.
  const claude = names
    .flatMap((name) => [path.join(scope, name, 'claude'), path.join(scope, name, 'claude.exe')])
    .find((file) => fs.existsSync(file));
  const codex = path.join(modules, '.bin', process.platform === 'win32' ? 'codex.cmd' : 'codex');
  if (claude === undefined || !fs.existsSync(codex))
    throw new Error(`The agent programs are not in ${folder}; remove that folder and run the tests again.`);
  return { claude, codex };
}

/** Installs the programs in the versions of the lock file, with integrity checks, unless they are there. */
export async function installPrograms(): Promise<PinnedPrograms> {
  const done = path.join(folder, 'installed');
  if (!fs.existsSync(done)) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    for (const name of ['package.json', 'package-lock.json'])
      fs.copyFileSync(path.join(here, name), path.join(folder, name));
    await mustRun('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      timeoutMs: 240_000,
    });
    pinnedPrograms();
    fs.writeFileSync(done, '');
  }
  return pinnedPrograms();
}
