import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import type { Programs, Sandbox } from '../../process/ports';

/** What a probe found. `nests`: whether another sandbox works inside, as agents set up for their commands. */
export type Probed = { readonly ok: true; readonly nests: boolean } | { readonly ok: false; readonly why: string };

export interface ProbeRequest {
  readonly programs: Programs;
  readonly sandbox: Sandbox;
  readonly top: string;
  readonly gitDir: string;
  /** The folder that must not be writable. */
  readonly weld: string;
}

/**
 * Tries a sandbox from inside, as a guest would. The work tree must be writable; `.weld` must not be, neither by
 * mounting, nor from a new name space, nor by renaming a folder above. A rename is tried only at a mount point, so that
 * a sandbox that allows it cannot move a tree. The script `PROBE` prints a key of `WHY` for what failed, or `shut`.
 */
export async function probe({ programs, sandbox, top, gitDir, weld }: ProbeRequest): Promise<Probed> {
  const id = randomUUID();
  const words = [weld, top, gitDir, id, asInMountInfo(top), asInMountInfo(gitDir), sandbox.file];
  const ran = await programs.run({
    file: sandbox.file,
    args: [...sandbox.args, '--', '/bin/sh', '-c', PROBE, 'probe', ...words],
    shownArgs: ['…', 'probe'],
    cwd: top,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    timeoutMs: 30_000,
  });
  const said = Buffer.from(ran.stdout).toString('utf8').trim().split('\n');
  const cause = (Buffer.from(ran.stderr).toString('utf8').trim().split('\n').at(-1) ?? '').slice(0, 200);
  if (said.at(-1) !== 'shut')
    return { ok: false, why: WHY[said.at(-1) ?? ''] ?? (cause === '' ? 'bubblewrap does not work here' : cause) };
  return { ok: true, nests: said.includes('nests') };
}

const WHY: Readonly<Record<string, string>> = {
  tree: 'inside the sandbox the work tree cannot be written',
  weld: 'the sandbox does not keep .weld from being written',
  mount: 'the sandbox lets a guest change its mounts',
  space: 'the sandbox lets a guest escape it by its own namespace',
  rename: 'the sandbox lets a guest rename the repository away',
  processes: 'the sandbox has no process namespace of its own',
};

const PROBE = `
weld=$1 top=$2 git=$3 id=$4 bwrap=$7
own="$top/.weld-probe-$id"
bad() { rm -f "$weld/probe-$id" "$own" 2>/dev/null; echo "$1"; exit 0; }
writes() { (: > "$weld/probe-$id") 2>/dev/null; }
(: > "$own") 2>/dev/null || bad tree
rm -f "$own" 2>/dev/null || bad tree
read -r first < /proc/1/comm; [ "$first" = bwrap ] || bad processes
writes && bad weld
mount -o remount,bind,rw "$weld" 2>/dev/null; writes && bad mount
umount "$weld" 2>/dev/null; writes && bad mount
umount -l "$weld" 2>/dev/null; writes && bad mount
export weld id
unshare -Urm /bin/sh -c 'mount -o remount,bind,rw "$weld"; umount -l "$weld"; : > "$weld/probe-$id"' 2>/dev/null &&
  bad space
writes && bad space
for place in "$5" "$6"; do grep -qF " $place " /proc/self/mountinfo || bad rename; done
mv "$top" "$top.weld-$id" 2>/dev/null && { mv "$top.weld-$id" "$top"; bad rename; }
mv "$git" "$git.weld-$id" 2>/dev/null && { mv "$git.weld-$id" "$git"; bad rename; }
"$bwrap" --die-with-parent --ro-bind / / --dev /dev --unshare-user --unshare-pid --unshare-net \\
  --proc /proc -- /bin/true 2>/dev/null && echo nests
echo shut
`;

/** A path as in `/proc/self/mountinfo`, where the kernel writes white space and backslashes in octal. */
const asInMountInfo = (file: string): string =>
  file.replace(/[ \t\n\\]/gu, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);

/** Where the system installs bubblewrap; elsewhere a repository or a guest could have put a program of that name. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin'] as const;

/** @returns the absolute path of the system's bubblewrap, or null if there is none */
export function findBubblewrap(): string | null {
  if (process.platform !== 'linux') return null;
  for (const folder of FOLDERS) {
    try {
      const file = fs.realpathSync(`${folder}/bwrap`);
      const stat = fs.statSync(file);
      const writableByOthers = (stat.mode & 0o022) !== 0;
      if (stat.isFile() && stat.uid === 0 && !writableByOthers) return file;
    } catch {
      // missing or inaccessible, so not usable
    }
  }
  return null;
}
