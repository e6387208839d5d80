import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { WeldPaths } from '../artifacts/paths';
import type { RunLock } from '../lock/runLock';
import { isErrno } from '../util/errors';
import type { Oid } from './git';
import { decodePath, EMPTY_FOLDER, NOT_KEPT, shownPath } from './names';
import { oid } from './oid';
import { GitRunner } from './runGit';
import { readBlobs } from './texts';
import {
  BATCH_BYTES,
  bytes,
  contentOf,
  type FolderScan,
  type Imported,
  type ImportedFile,
  importTree,
  type ScannedFile,
  scanFolder,
} from './weldImport';

interface KeptFile {
  readonly scanned: ScannedFile;
  /** Digest of the content: a young file may have changed with the same stat data. */
  readonly digest: string;
}

/** The last import, with its files. */
interface Written extends Imported {
  readonly files: Map<string, KeptFile>;
}

/** The ref that keeps the commit. `replace`: false fails if the ref exists. */
export interface KeptUnder {
  readonly ref: string;
  readonly replace: boolean;
}

/**
 * Keeps everything below `.weld` as a tree, including nested repositories with their `.git`, people's own files, and
 * names of arbitrary bytes. Weld itself reads the files, so that none of them can make git fail.
 */
export class WeldTree {
  private readonly git: GitRunner;
  private readonly paths: WeldPaths;
  private written: Written | undefined;
  private skipped = new Map<string, string>();

  constructor(top: string, programs: GitRunner['programs'], gitDir: string) {
    this.paths = new WeldPaths(top);
    this.git = new GitRunner(top, programs, [`--git-dir=${gitDir}`, `--work-tree=${top}`]);
  }

  /** Files that the last capture could not keep, each with the reason, for people. */
  get notKept(): readonly string[] {
    return [...this.skipped].map(([name, why]) => `${shownPath(name)} (${why})`);
  }

  /**
   * @param since an earlier commit, kept by a ref; it is returned if nothing looks changed since
   * @param signal stops the work
   * @returns the commit of the current content; it has no parents
   */
  async capture(lock: RunLock, under: KeptUnder, since?: Oid, signal?: AbortSignal): Promise<Oid> {
    lock.assertHeld();
    const scan = await scanFolder(this.paths.root, NOT_KEPT, signal);
    this.skipped = new Map(scan.skipped);
    const known = this.written?.files ?? new Map<string, KeptFile>();
    const changed = await this.changedSince(known, scan, signal);
    const gone = [...known.keys()].filter((name) => !scan.files.has(name));
    if (since !== undefined && this.written?.commit === since && changed.size === 0 && gone.length === 0) return since;
    try {
      return await this.write(lock, under, scan, changed, gone, signal);
    } catch (error) {
      if (!this.written || signal?.aborted) throw error;
      this.written = undefined; // git has pruned its objects
      return this.write(lock, under, scan, await this.changedSince(new Map(), scan, signal), [], signal);
    }
  }

  /** The content of files that are new or changed. Files that were young at the last capture are read again. */
  private async changedSince(
    known: Map<string, KeptFile>,
    scan: FolderScan,
    signal?: AbortSignal,
  ): Promise<Map<string, Buffer>> {
    const changed = new Map<string, Buffer>();
    for (const [name, scanned] of scan.files) {
      const before = known.get(name);
      if (
        before &&
        before.scanned.stat === scanned.stat &&
        before.scanned.kind === scanned.kind &&
        !before.scanned.racy
      )
        continue;
      const content = contentOf(scanned);
      if (changed.size % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      if (content === null) this.skipped.set(name, 'permission denied');
      else if (
        before?.digest !== digestOf(content) ||
        before.scanned.kind !== scanned.kind ||
        before.scanned.executable !== scanned.executable
      )
        changed.set(name, content);
      else known.set(name, { ...before, scanned });
    }
    return changed;
  }

  private async write(
    lock: RunLock,
    under: KeptUnder,
    scan: FolderScan,
    changed: ReadonlyMap<string, Buffer>,
    gone: readonly string[],
    signal?: AbortSignal,
  ): Promise<Oid> {
    const files = new Map(this.written?.files);
    for (const name of gone) files.delete(name);
    const imported: ImportedFile[] = [];
    for (const [name, content] of changed) {
      const scanned = scan.files.get(name);
      if (!scanned) continue;
      imported.push({ name, content, mode: modeOf(scanned) });
      files.set(name, { scanned, digest: digestOf(content) });
    }
    lock.assertHeld();
    const written = await importTree(this.git, {
      ...under,
      from: this.written?.tree ?? null,
      deleted: gone,
      files: imported,
      signal,
    });
    this.written = { ...written, files };
    return written.commit;
  }

  /**
   * Restores files from a kept tree; other files stay as they are.
   * @param names as the tree encodes them @param signal stops between two files
   */
  async bringBack(lock: RunLock, tree: Oid, names: readonly string[], signal?: AbortSignal): Promise<void> {
    if (names.length === 0) return;
    const wanted = new Set(names);
    const entries = (
      await this.git.fields(['ls-tree', '-r', '-l', '-z', '--full-tree', oid(tree)], { signal })
    ).flatMap((line) => {
      const [mode = '', , id = '', size = ''] = line.slice(0, line.indexOf('\t')).split(/ +/u);
      const name = line.slice(line.indexOf('\t') + 1);
      return wanted.has(name) ? [{ mode, id: id as Oid, size: Number(size), name }] : [];
    });
    for (
      let batch = entries.splice(0, batchLength(entries));
      batch.length > 0;
      batch = entries.splice(0, batchLength(entries))
    ) {
      const contents = await readBlobs(
        this.git,
        batch.map(({ id }) => id),
      );
      for (const { mode, id, name } of batch) {
        signal?.throwIfAborted();
        lock.assertHeld();
        const content = contents.get(id);
        if (content) await this.put(name, mode, content);
      }
    }
  }

  /** Removes files or folders that a kept tree does not have. */
  async remove(lock: RunLock, names: readonly string[], signal?: AbortSignal): Promise<void> {
    for (const name of names) {
      signal?.throwIfAborted();
      lock.assertHeld();
      const folder = await this.folderOf(name);
      if (folder !== null) await fs.rm(bytes(`${folder}/${last(name)}`), { recursive: true, force: true });
    }
  }

  private async put(name: string, mode: string, content: Buffer): Promise<void> {
    const marker = path.posix.basename(name) === EMPTY_FOLDER;
    const folder = await this.folderOf(name, marker ? 'where nothing is' : 'in any case');
    if (folder === null || marker) return;
    const file = bytes(`${folder}/${last(name)}`);
    await fs.rm(file, { recursive: true, force: true });
    if (mode === '120000') await fs.symlink(content, file);
    else await fs.writeFile(file, content, { flag: 'wx', mode: mode === '100755' ? 0o755 : 0o644 });
  }

  /**
   * The parent folder of a file, never reached through a link. With `in any case`, anything in the way of a folder is
   * removed.
   */
  private async folderOf(name: string, make?: 'where nothing is' | 'in any case'): Promise<string | null> {
    let folder = Buffer.from(this.paths.root, 'utf8').toString('latin1');
    for (const part of ['', ...name.split('/').slice(0, -1)]) {
      if (part !== '') folder = `${folder}/${decodePath(part)}`;
      const stat = await fs.lstat(bytes(folder)).catch(() => null);
      if (stat?.isDirectory()) continue;
      if (make === undefined || (stat && make !== 'in any case')) return null;
      if (stat) await fs.rm(bytes(folder), { force: true });
      await fs.mkdir(bytes(folder)).catch((error: unknown) => {
        if (!isErrno(error, 'EEXIST')) throw error;
      });
    }
    return folder;
  }
}

const modeOf = ({ kind, executable }: ScannedFile): ImportedFile['mode'] =>
  kind === 'link' ? '120000' : executable ? '100755' : '100644';
const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const last = (name: string): string => decodePath(path.posix.basename(name));

/** Number of entries that fit in one batch. */
function batchLength(entries: readonly { readonly size: number }[]): number {
  let size = 0;
  const end = entries.findIndex((entry) => (size += entry.size || 0) > BATCH_BYTES);
  return end < 0 ? entries.length : end + 1;
}
