import * as fs from 'node:fs';
import * as path from 'node:path';

interface Watched {
  readonly watcher: fs.FSWatcher;
  /** The watched folder: the requested one, or its nearest existing parent. */
  readonly at: string;
  /** Differs when another folder has taken the same name. */
  readonly identity: string | undefined;
}

/**
 * Watches single folders, not what is below them, so a tree of 10,000 runs costs only what is unfolded. Uses the
 * system's watcher, because the editor's own one inside a workspace is recursive and misses folders that are created
 * all at once. Where watching is not possible (network shares, no watches left) it stays silent; callers that need more
 * also poll.
 */
export class FolderWatch {
  private readonly watched = new Map<string, Watched>();

  /**
   * @param onChange called with the folder in which something was created, changed or removed, maybe often for one
   * write
   */
  constructor(private readonly onChange: (folder: string) => void) {}

  /** @param folders absolute paths; a missing one is reported once it appears */
  add(folders: Iterable<string>): void {
    for (const folder of folders) if (!this.watched.has(folder)) this.arm(folder);
  }

  remove(folders: Iterable<string>): void {
    for (const folder of folders) {
      this.watched.get(folder)?.watcher.close();
      this.watched.delete(folder);
    }
  }

  /** Watches exactly these folders. @param folders absolute paths */
  keep(folders: Iterable<string>): void {
    const wanted = new Set(folders);
    this.remove([...this.watched.keys()].filter((folder) => !wanted.has(folder)));
    this.add(wanted);
  }

  dispose(): void {
    this.keep([]);
  }

  private arm(folder: string): void {
    this.remove([folder]);
    const at = nearest(folder);
    try {
      const watcher = fs.watch(at, { persistent: false }, () => {
        this.noted(folder);
      });
      watcher.on('error', () => {
        this.remove([folder]);
      });
      this.watched.set(folder, { watcher, at, identity: identityOf(at) });
    } catch {
      // Stays silent; see above.
    }
  }

  private noted(folder: string): void {
    const watched = this.watched.get(folder);
    if (!watched) return;
    const { at, identity } = watched;
    const moved = nearest(folder) !== at || identityOf(at) !== identity;
    if (moved) this.arm(folder);
    if (moved || at === folder) this.onChange(folder);
  }
}

function nearest(folder: string): string {
  const above = path.dirname(folder);
  return fs.existsSync(folder) || above === folder ? folder : nearest(above);
}

/** Identifies a folder. Its inode number alone is not enough: the next folder may get the same one. */
function identityOf(folder: string): string | undefined {
  const stat = fs.statSync(folder, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.ino}:${stat.birthtimeNs}`;
}
