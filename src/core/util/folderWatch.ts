import * as fs from 'node:fs';
import * as path from 'node:path';

interface Watched {
  readonly watcher: fs.FSWatcher;
  /** What is watched: the folder itself, or the nearest one above it that exists. */
  readonly at: string;
  /** Changes when the folder is another one of the same name. */
  readonly identity: string | undefined;
}

/**
 * Watches single folders, never what is below them: a tree of 10,000 runs costs what is unfolded of it. It asks the
 * system
 * itself, because an editor's watcher inside a workspace is its recursive one, which misses folders made in one go.
 * Where watching is not to be had (network shares, no watches left) it stays silent; who needs more looks at times.
 */
export class FolderWatch {
  private readonly watched = new Map<string, Watched>();

  /** @param onChange something was made, changed or removed in one of the folders; many calls may come of one write */
  constructor(private readonly onChange: () => void) {}

  /** @param folders absolute paths; one that does not exist yet is noticed when it appears */
  add(folders: Iterable<string>): void {
    for (const folder of folders) if (!this.watched.has(folder)) this.arm(folder);
  }

  remove(folders: Iterable<string>): void {
    for (const folder of folders) {
      this.watched.get(folder)?.watcher.close();
      this.watched.delete(folder);
    }
  }

  /** Watches these and no others. @param folders absolute paths */
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
      // Silent, as promised above.
    }
  }

  private noted(folder: string): void {
    const watched = this.watched.get(folder);
    if (!watched) return;
    const { at, identity } = watched;
    const moved = nearest(folder) !== at || identityOf(at) !== identity;
    if (moved) this.arm(folder);
    if (moved || at === folder) this.onChange();
  }
}

function nearest(folder: string): string {
  const above = path.dirname(folder);
  return fs.existsSync(folder) || above === folder ? folder : nearest(above);
}

/** The number alone is given again at once to the next folder. */
function identityOf(folder: string): string | undefined {
  const stat = fs.statSync(folder, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.ino}:${stat.birthtimeNs}`;
}
