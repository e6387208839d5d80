import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';

/** What a guest is not shown of doors to programs that run already and would write on its behalf. */
export interface Doors {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

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

/** In the folder of a person's session: the bus, containers, terminal multiplexers, editors. */
const IN_SESSION =
  /^(?:bus|docker\.sock|vscode-.*\.sock|kitty.*|nvim.*|code-.*|cursor-.*\.sock|snapd-session-agent\.socket)$/u;
const SESSION_FOLDERS = /^(?:systemd|dbus-1|podman|docker|containerd.*|buildkit|zellij|wezterm|tmux-\d+|libvirt)$/u;
/** In the temporary folder. */
const IN_TEMPORARY = /^(?:vscode-(?:ipc|git|remote|ssh).*\.sock|code-.*\.sock|cursor-.*\.sock|kitty-.*|nvim.*)$/u;
const TEMPORARY_FOLDERS = /^(?:tmux-\d+|screens|\.screen|uscreens|zellij-\d+)$/u;

/** Variables that lead to such doors, or make a program think that it runs inside the editor's terminal. */
const NAMES =
  /^(?:DBUS_.*|TMUX.*|STY|ZELLIJ.*|DOCKER_HOST|CONTAINER_HOST|KITTY_LISTEN_ON|WEZTERM_UNIX_SOCKET|NVIM.*|EMACS_SERVER.*|VSCODE_.*|XDG_SESSION_.*|SESSION_MANAGER)$/u;

/** The doors that stand here and now. An agent of keys stays: fetching and pushing need it. */
export async function doors(): Promise<Doors> {
  const session = process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.() ?? 0}`;
  const [inSession, inTemporary] = await Promise.all([listed(session), listed(os.tmpdir())]);
  const files = [...SYSTEM, ...inSession.filter(named(IN_SESSION)), ...inTemporary.filter(named(IN_TEMPORARY))];
  const folders = [
    '/run/screen',
    '/run/screens',
    ...inSession.filter(named(SESSION_FOLDERS)),
    ...inTemporary.filter(named(TEMPORARY_FOLDERS)),
  ];
  return {
    files: await those(files, (stat) => stat.isSocket()),
    folders: await those(folders, (stat) => stat.isDirectory()),
  };
}

/** The environment less what leads to such a door. */
export function withoutDoors(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !NAMES.test(name)));
}

const named =
  (pattern: RegExp) =>
  (file: string): boolean =>
    pattern.test(path.basename(file));
const listed = async (folder: string): Promise<string[]> =>
  (await fs.readdir(folder).catch(() => [])).map((name) => path.join(folder, name));

async function those(
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
