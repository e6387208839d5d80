import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { WeldPaths } from '../artifacts/paths';
import type { RunLock } from '../lock/types';
import { appearanceOf, looksTheSame, type Appearance } from './appearance';
import { oid } from './diff';
import { dropIndex, emptyIndex, inheritIndex, makePrivateIndex } from './private-index';
import { GitRunner } from './run-git';
import type { Oid } from './types';

/** Nothing that belongs to the person's repository may turn what a run says into something else on its way. */
const VERBATIM = ['-c', 'core.autocrlf=false', '-c', 'core.attributesFile=/dev/null', '-c', 'core.excludesFile=/dev/null', '-c', 'core.safecrlf=false'];

/** Keeps what people and Weld have written under `.weld` as a tree, with `.weld` for its top; never the lock or caches. */
export class WeldTree {
  private readonly git: GitRunner;
  private readonly paths: WeldPaths;
  /** What is kept. */
  private readonly files: readonly string[];
  /** The index that was written last, with the names in it, the tree, and what its files looked like just before: only this process writes it. */
  private written: { readonly index: string; readonly names: ReadonlySet<string>; readonly tree: Oid; readonly appearance: Appearance } | undefined;

  constructor(top: string, programs: GitRunner['programs'], private readonly gitDir: string) {
    this.paths = new WeldPaths(top);
    this.files = [this.paths.runs, this.paths.config, this.paths.gitignore];
    this.git = new GitRunner(this.paths.root, programs, [...VERBATIM, `--git-dir=${gitDir}`, `--work-tree=${this.paths.root}`]);
  }

  /**
   * @param since a tree of this that a ref keeps; it is the answer when nothing looks changed since it was written
   * @returns the tree of config.toml and of all runs as they stand now
   */
  async capture(lock: RunLock, since?: Oid): Promise<Oid> {
    lock.assertHeld();
    if (since !== undefined && this.written?.tree === since && looksTheSame(this.written.appearance, await appearanceOf(this.files, { earlier: this.written.appearance }))) return since;
    const index = await makePrivateIndex(this.gitDir, lock, 'weld');
    // Before it is written, so that what changes meanwhile is seen the next time.
    const appearance = await appearanceOf(this.files);
    const inherited = await inheritIndex(index);
    try {
      return await this.write(index, appearance);
    } catch (error) {
      if (!inherited && this.written?.index !== index) throw error;
      this.written = undefined;
      await emptyIndex(index); // damaged, or git has pruned what it names
      return this.write(index, appearance);
    }
  }

  private async write(index: string, appearance: Appearance): Promise<Oid> {
    const known = this.written?.index === index ? this.written.names : new Set((await this.git.fields(['ls-files', '-z'], { index })).map((file) => file.split('/', 1)[0] ?? ''));
    const present = new Set<string>();
    for (const file of this.files) if (await fs.lstat(file).catch(() => null)) present.add(path.basename(file));
    const kept = new Set([...known, ...present]);
    // An empty list would mean everything.
    if (kept.size > 0) await this.git.text(['add', '--all', '--force', '--', ...kept], { index });
    const tree = await this.git.text(['write-tree'], { index });
    this.written = { index, names: present, tree, appearance };
    return tree;
  }

  /** Writes files of a kept tree as they were; what else stands there is left alone. @param files relative to `.weld` */
  async bringBack(lock: RunLock, tree: Oid, files: readonly string[]): Promise<void> {
    if (files.length === 0) return;
    const index = await makePrivateIndex(this.gitDir, lock, 'restore');
    try {
      lock.assertHeld();
      await this.git.text(['read-tree', oid(tree)], { index });
      lock.assertHeld();
      await this.git.text(['checkout-index', '--force', '--quiet', '-z', '--stdin'], { index, input: files.join('\0') });
    } finally {
      await dropIndex(index);
    }
  }
}
