import * as path from 'node:path';
import { type FileId, type FileStat, type Handle, type LockFs, sameFile } from '../../src/core/lock/fs';
import { epochsOf } from '../../src/core/lock/lockNames';
import type { FileCall } from '../../src/core/lock/program';
import { LOG } from './design';
import { intern } from './intern';

/** More than the maximum number of inodes that exist at once. */
const SMALL = 256;
const ascending = (a: number, b: number): number => a - b;

interface Inode {
  readonly ino: number;
  text: string;
  /** The interned text. */
  textId: number;
  /** Number of names and descriptors that keep it alive. */
  uses: number;
}

const inLog = (file: string): boolean => file.startsWith(`${LOG}/`);

function errno(code: string, syscall: string): Error {
  // Millions are created, and nobody reads the stack.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = Object.assign(new Error(code), { code, syscall });
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/**
 * A file system in memory with the properties that the protocol depends on: names and inodes are separate, a descriptor
 * keeps an inode alive, and the number of a freed inode is reused at once, the worst case of a real one.
 */
export class MemoryFs implements LockFs {
  private readonly inodes = new Map<number, Inode>();
  private readonly names = new Map<string, Inode>();
  private readonly handles = new Map<Handle, { readonly inode: Inode; readonly owner: number }>();
  /** Whether the folder of claims exists; all other folders always do. */
  private log = true;
  /** The actor that makes the current calls; a crash closes its descriptors. */
  actor = 0;
  /** This name cannot be removed. */
  stuck = '';

  openRead = (file: string): Handle => {
    const inode = this.names.get(file);
    if (!inode) throw errno('ENOENT', 'open');
    return this.open(inode);
  };

  createNew = (file: string): Handle => {
    this.needFolderOf(file, 'open');
    if (this.names.has(file)) throw errno('EEXIST', 'open');
    let ino = 1;
    while (this.inodes.has(ino)) ino += 1;
    const inode = { ino, text: '', textId: intern(''), uses: 1 };
    this.inodes.set(ino, inode);
    this.names.set(file, inode);
    return this.open(inode);
  };

  close = (handle: Handle): void => {
    const open = this.handles.get(handle);
    if (!open) throw errno('EBADF', 'close');
    this.handles.delete(handle);
    this.drop(open.inode);
  };

  read = (handle: Handle, maxBytes: number): string => this.at(handle).text.slice(0, maxBytes);

  write = (handle: Handle, text: string): void => {
    const inode = this.at(handle);
    inode.text = text + inode.text.slice(text.length);
    inode.textId = intern(inode.text);
  };

  lengthen = (file: string, id: FileId): boolean => {
    const inode = this.names.get(file);
    if (inode?.ino !== Number(id.ino)) return false;
    inode.text += ' ';
    inode.textId = intern(inode.text);
    return true;
  };

  fstat = (handle: Handle): FileStat => statOf(this.at(handle));

  lstat = (file: string): FileStat | null => {
    const inode = this.names.get(file);
    return inode ? statOf(inode) : null;
  };

  is = (file: string, id: FileId | null): boolean => sameFile(this.lstat(file), id);

  exists = (file: string): boolean => this.names.has(file);

  link = (from: string, to: string): void => {
    const inode = this.names.get(from);
    if (!inode) throw errno('ENOENT', 'link');
    this.needFolderOf(to, 'link');
    if (this.names.has(to)) throw errno('EEXIST', 'link');
    inode.uses += 1;
    this.names.set(to, inode);
  };

  rename = (from: string, to: string): void => {
    if (from === LOG) {
      this.removeLog();
      return;
    }
    this.needFolderOf(to, 'rename');
    const inode = this.names.get(from);
    if (!inode) throw errno('ENOENT', 'rename');
    const over = this.names.get(to);
    // POSIX: renaming one name of a file over another name of the same file does nothing.
    if (over === inode) return;
    this.names.delete(from);
    this.names.set(to, inode);
    if (over) this.drop(over);
  };

  unlink = (file: string): void => {
    const inode = this.names.get(file);
    if (!inode) throw errno('ENOENT', 'unlink');
    if (file === this.stuck) throw errno('EPERM', 'unlink');
    this.names.delete(file);
    this.drop(inode);
  };

  list = (folder: string): string[] =>
    [...this.names.keys()]
      .filter((name) => path.posix.dirname(name) === folder)
      .map((name) => path.posix.basename(name))
      .sort();

  highestClaim = (folder: string): number | null => epochsOf(this.list(folder)).at(-1) ?? null;

  mkdir = (folder: string): void => {
    if (folder === LOG) this.log = true;
  };

  /** Ends an actor's process: the system closes its descriptors. */
  crash(actor: number): void {
    for (const [handle, { owner }] of [...this.handles]) if (owner === actor) this.close(handle);
  }

  clone(): MemoryFs {
    const copy = new MemoryFs();
    copy.log = this.log;
    copy.stuck = this.stuck;
    const same = new Map<Inode, Inode>();
    for (const [ino, inode] of this.inodes) {
      const twin = { ...inode };
      same.set(inode, twin);
      copy.inodes.set(ino, twin);
    }
    const twinOf = (inode: Inode): Inode => same.get(inode) ?? inode;
    for (const [name, inode] of this.names) copy.names.set(name, twinOf(inode));
    for (const [handle, { inode, owner }] of this.handles) copy.handles.set(handle, { inode: twinOf(inode), owner });
    return copy;
  }

  /** Everything that a program could find out, as one text. */
  key(): string {
    const inodes = [...this.inodes.values()].map(({ ino, textId }) => textId * SMALL + ino).sort(ascending);
    const handles = [...this.handles].map(([handle, { inode }]) => handle * SMALL + inode.ino).sort(ascending);
    return `${this.nameKey()};${inodes.join()};${handles.join()}`;
  }

  /** Everything that remains when all processes are gone, as one text. */
  leftKey(): string {
    const inodes = [...new Set(this.names.values())].map(({ ino, textId }) => textId * SMALL + ino).sort(ascending);
    return `${this.nameKey()};${inodes.join()}`;
  }

  /** Whether no other actor can notice this call, because its file has no name that others read. */
  isPrivate({ call, args }: FileCall): boolean {
    if (call === 'close' || call === 'fstat') return true;
    if (call !== 'write') return false;
    const inode = this.at(args[0] as Handle);
    for (const [name, other] of this.names)
      if (other === inode && !path.posix.basename(name).startsWith('t-')) return false;
    return true;
  }

  private nameKey(): string {
    return `${this.log ? '' : '-'}${[...this.names]
      .map(([name, { ino }]) => intern(name) * SMALL + ino)
      .sort(ascending)
      .join()}`;
  }

  fileNames(): string[] {
    return [...this.names.keys()].sort();
  }

  /** Returns 0 if the name does not exist. */
  inodeOf(file: string): number {
    return this.names.get(file)?.ino ?? 0;
  }

  /** Moves the folder of claims away, so that nobody finds anything in it. */
  private removeLog(): void {
    for (const [name, inode] of [...this.names]) {
      if (!inLog(name)) continue;
      this.names.delete(name);
      this.drop(inode);
    }
    this.log = false;
  }

  text(file: string): string | undefined {
    return this.names.get(file)?.text;
  }

  private needFolderOf(file: string, syscall: string): void {
    if (!this.log && inLog(file)) throw errno('ENOENT', syscall);
  }

  private open(inode: Inode): Handle {
    // Descriptor numbers belong to a process, so the files that one opens do not affect another's numbers.
    let handle = this.actor * 1000;
    while (this.handles.has(handle)) handle += 1;
    inode.uses += 1;
    this.handles.set(handle, { inode, owner: this.actor });
    return handle;
  }

  private at(handle: Handle): Inode {
    const open = this.handles.get(handle);
    if (!open) throw errno('EBADF', 'use');
    return open.inode;
  }

  private drop(inode: Inode): void {
    inode.uses -= 1;
    if (inode.uses === 0) this.inodes.delete(inode.ino);
  }
}

function statOf({ ino, text }: Inode): FileStat {
  return { ino: BigInt(ino), dev: 1n, kind: 'file', size: text.length, mtimeMs: 0 };
}
