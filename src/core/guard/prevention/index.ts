import { WeldPaths } from '../../artifacts/paths';
import type { Sandbox } from '../../process/ports';
import type { Project } from '../../project';
import { reason } from '../../util/errors';
import { type Mounts, mountArguments, mountsFor } from './mounts';
import { findBubblewrap, type Probed, probe } from './probe';

/** Whether guests of a project can be shut in, and how. */
export type Prevention =
  | { readonly ok: true; readonly nests: boolean; sandbox(writable: readonly string[], cwd: string): Sandbox }
  | { readonly ok: false; readonly why: string };

/** Own process name space, killed with its parent; nothing of root's powers stays, so that nothing can be mounted. */
const COMMON = ['--unshare-pid', '--proc', '/proc', '--die-with-parent'] as const;
/** Whom root is inside: another number than 0, or nested sandboxes would fail; files of root are then this one's. */
const GUEST_ID = '1000';
const AS_USER: readonly (readonly string[])[] = [['--unshare-user', '--cap-drop', 'ALL']];
const AS_ROOT: readonly (readonly string[])[] = [
  ['--unshare-user', '--uid', GUEST_ID, '--gid', GUEST_ID, '--cap-drop', 'ALL'],
  // Where the files are not root's: it still may write any file, and mount nothing.
  [
    '--cap-drop',
    'ALL',
    ...['CAP_DAC_OVERRIDE', 'CAP_CHOWN', 'CAP_FOWNER', 'CAP_SETUID', 'CAP_SETGID', 'CAP_SETFCAP', 'CAP_KILL'].flatMap(
      (name) => ['--cap-add', name],
    ),
  ],
];

/** Results of probing by the sandbox's whole command line, which names all that they depend on. */
const probed = new Map<string, Promise<Probed>>();
/** Maximum number of results remembered. */
const MAX_PROBED = 200;

/** @param options.make Weld's own folders are made where they are missing; a doctor makes none */
export async function preventionFor(
  project: Project,
  options: { readonly make: boolean } = { make: true },
): Promise<Prevention> {
  if (project.guarding === 'notice') return { ok: false, why: 'it is turned off here' };
  if (process.platform !== 'linux') return { ok: false, why: 'this system has no bubblewrap' };
  const file = findBubblewrap();
  if (file === null) return { ok: false, why: 'bubblewrap is not installed' };
  let mounts: Mounts;
  try {
    mounts = await mountsFor(project, options);
  } catch (error) {
    return { ok: false, why: reason(error) };
  }
  let why = '';
  for (const rights of process.getuid?.() === 0 ? AS_ROOT : AS_USER) {
    const sandbox = (writable: readonly string[], cwd: string): Sandbox => ({
      file,
      args: [...mountArguments(mounts, writable), ...COMMON, ...rights, '--chdir', cwd],
    });
    const found = await probedOnce(project, sandbox([], project.top));
    if (found.ok) return { ok: true, nests: found.nests, sandbox };
    why = why === '' ? found.why : why;
  }
  return { ok: false, why };
}

async function probedOnce(project: Project, sandbox: Sandbox): Promise<Probed> {
  const key = JSON.stringify(sandbox);
  const known = probed.get(key);
  if (known) return known;
  const {
    top,
    programs,
    git: { gitDir },
  } = project;
  const found = probe({ programs, sandbox, top, gitDir, weld: new WeldPaths(top).root });
  if (probed.size >= MAX_PROBED) probed.clear();
  probed.set(key, found);
  // What failed may work at the next look: only a sandbox that was seen to hold is remembered.
  if (!(await found).ok) probed.delete(key);
  return found;
}
