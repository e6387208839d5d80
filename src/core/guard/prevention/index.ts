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

/** Options of every sandbox: its own process name space, killed with its parent. */
const COMMON = ['--unshare-pid', '--proc', '/proc', '--die-with-parent'] as const;
/** The user id that root gets inside: it owns root's files there. It is not 0, or nested sandboxes would fail. */
const GUEST_ID = '1000';
/** Rights inside a sandbox; none of them allows mounting. For root the first that works is used. */
const AS_USER: readonly (readonly string[])[] = [['--unshare-user', '--cap-drop', 'ALL']];
const AS_ROOT: readonly (readonly string[])[] = [
  ['--unshare-user', '--uid', GUEST_ID, '--gid', GUEST_ID, '--cap-drop', 'ALL'],
  // For files that root does not own: it may still write any file, but mount nothing.
  [
    '--cap-drop',
    'ALL',
    ...['CAP_DAC_OVERRIDE', 'CAP_CHOWN', 'CAP_FOWNER', 'CAP_SETUID', 'CAP_SETGID', 'CAP_SETFCAP', 'CAP_KILL'].flatMap(
      (name) => ['--cap-add', name],
    ),
  ],
];

/** Results of probes, by the sandbox's whole command line, which names everything that they depend on. */
const probed = new Map<string, Promise<Probed>>();
/** Maximum number of results remembered. */
const MAX_PROBED = 200;

/**
 * Finds a sandbox for the guests of a project and tries it.
 * @param options.make creates Weld's own folders if they are missing; the setup check does not
 */
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
  // A sandbox that failed may work the next time, so only one that works is remembered.
  if (!(await found).ok) probed.delete(key);
  return found;
}
