import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { isInside } from '../../artifacts/inside';
import { PROVIDER_NAMES, PROVIDERS } from '../../config/providers';
import { resolveProgram } from '../../process/resolve';
import { supervisionOf } from '../../process/supervision';
import type { Project } from '../../project';
import { wordSet } from '../../util/text';

/**
 * What Weld depends on outside the work trees and a guest could write: the editor's extensions, the person's git
 * configuration, the folders of git, node and the agents' programs.
 * @param tops the top folders of all work trees
 */
export async function dependencies(project: Project, tops: readonly string[]): Promise<string[]> {
  const found = [
    ...extensionFolders(supervisionOf(project.programs).supervisorPath),
    ...(await gitConfigFiles(project)),
    ...(await programFolders(project)),
  ];
  const real = await Promise.all(found.map((file) => fs.realpath(file).catch(() => null)));
  const wanted = [...new Set(real)].filter(
    (file): file is string => file !== null && !tops.some((top) => file === top || isInside(top, file)),
  );
  const shut = wanted.filter((file) => !tops.some((top) => isInside(file, top)) && !isSharedFolder(file));
  const written = await Promise.all(
    shut.map((file) =>
      fs.access(file, fs.constants.W_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return shut.filter((_, i) => written[i]);
}

/** Whether a folder is or contains a home or a temporary folder: these stay writable. */
function isSharedFolder(file: string): boolean {
  return [os.homedir(), os.tmpdir(), '/tmp', '/var/tmp', '/dev/shm', '/'].some(
    (folder) => file === folder || isInside(file, folder),
  );
}

/**
 * The folder of all extensions, because they run in the same process as Weld; the supervisor is installed as
 * `…/extensions/weld.weld-1.0.0/dist/supervisor.js`.
 */
function extensionFolders(supervisor: string): string[] {
  const own = path.dirname(path.dirname(supervisor));
  const all = path.dirname(own);
  return path.basename(all) === 'extensions'
    ? [all]
    : [path.basename(path.dirname(supervisor)) === 'dist' ? own : path.dirname(supervisor)];
}

/** The configuration files that git reads, and those of the person that it would read if they existed. */
async function gitConfigFiles({ programs, top }: Project): Promise<string[]> {
  const git = resolveProgram('git', top);
  if (git === null) return [];
  const told = await programs.run({
    file: git,
    args: ['config', '--list', '--show-origin', '--name-only', '-z'],
    cwd: top,
    timeoutMs: 20_000,
  });
  const fields = told.exitCode === 0 ? Buffer.from(told.stdout).toString('utf8').split('\0') : [];
  const files = fields.filter((field) => field.startsWith('file:/')).map((field) => field.slice('file:'.length));
  const home = os.homedir();
  return [
    ...new Set(files),
    path.join(home, '.gitconfig'),
    path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), 'git'),
  ];
}

async function programFolders(project: Project): Promise<string[]> {
  const { config } = await project.config().catch(() => ({ config: null }));
  const names = ['git', 'node', ...PROVIDER_NAMES.map((name) => config?.[name].exec ?? PROVIDERS[name].program)];
  const files = [process.execPath, ...names.flatMap((name) => resolveProgram(name, project.top) ?? [])];
  const targets = await Promise.all(files.map((file) => fs.realpath(file).catch(() => file)));
  // If a program is directly in a home, only the program becomes read-only, not the home.
  return [...files, ...targets].map((file) => (isSharedFolder(path.dirname(file)) ? file : path.dirname(file)));
}

/** Sockets of running programs that could write on a guest's behalf; they are hidden from it. */
export interface Endpoints {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Sockets of the system's services. */
const SYSTEM = [
  '/run/docker.sock',
  '/run/podman/podman.sock',
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/buildkit/buildkitd.sock',
  '/run/dbus/system_bus_socket',
  '/run/systemd/private',
  '/run/snapd.socket',
  '/run/snapd-snap.socket',
  '/run/libvirt/libvirt-sock',
] as const;

/** Sockets in a person's session folder: the bus, containers, terminal multiplexers, editors. */
const IN_SESSION =
  /^(?:bus|docker\.sock|vscode-.*\.sock|kitty.*|nvim.*|code-.*|cursor-.*\.sock|snapd-session-agent\.socket)$/u;
const SESSION_FOLDERS = /^(?:systemd|dbus-1|podman|docker|containerd.*|buildkit|zellij|wezterm|tmux-\d+|libvirt)$/u;
/** Sockets in the temporary folder. */
const IN_TEMPORARY = /^(?:vscode-(?:ipc|git|remote|ssh).*\.sock|code-.*\.sock|cursor-.*\.sock|kitty-.*|nvim.*)$/u;
const TEMPORARY_FOLDERS = /^(?:tmux-\d+|screens|\.screen|uscreens|zellij-\d+)$/u;

/** Variables that name such a socket, or make a program think that it runs in the editor's terminal. */
const VARIABLES = wordSet('STY DOCKER_HOST CONTAINER_HOST KITTY_LISTEN_ON WEZTERM_UNIX_SOCKET SESSION_MANAGER');
const VARIABLE_PREFIXES = /^(?:DBUS_|TMUX|ZELLIJ|NVIM|EMACS_SERVER|VSCODE_|XDG_SESSION_)/u;

/** Finds the sockets that exist now. The SSH agent stays visible, because fetching and pushing need it. */
export async function findEndpoints(): Promise<Endpoints> {
  const session = process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.() ?? 0}`;
  const [inSession, inTemporary] = await Promise.all([entriesOf(session), entriesOf(os.tmpdir())]);
  const files = [...SYSTEM, ...inSession.filter(matching(IN_SESSION)), ...inTemporary.filter(matching(IN_TEMPORARY))];
  const folders = [
    '/run/screen',
    '/run/screens',
    ...inSession.filter(matching(SESSION_FOLDERS)),
    ...inTemporary.filter(matching(TEMPORARY_FOLDERS)),
  ];
  return {
    files: await existing(files, (stat) => stat.isSocket()),
    folders: await existing(folders, (stat) => stat.isDirectory()),
  };
}

/** The environment without the variables that lead to such a socket. */
export function withoutEndpoints(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !VARIABLES.has(name) && !VARIABLE_PREFIXES.test(name)),
  );
}

const matching =
  (pattern: RegExp) =>
  (file: string): boolean =>
    pattern.test(path.basename(file));
const entriesOf = async (folder: string): Promise<string[]> =>
  (await fs.readdir(folder).catch(() => [])).map((name) => path.join(folder, name));

async function existing(
  files: readonly string[],
  wanted: (stat: Awaited<ReturnType<typeof fs.lstat>>) => boolean,
): Promise<string[]> {
  const found = await Promise.all(
    files.map(async (file) => {
      const stat = await fs.lstat(file).catch(() => null);
      return stat && wanted(stat) ? [await fs.realpath(file).catch(() => file)] : [];
    }),
  );
  return [...new Set(found.flat())];
}
