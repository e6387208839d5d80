import * as fs from 'node:fs';
import * as path from 'node:path';
import { readBoundedNow } from '../artifacts/bounded';
import { isErrno, WeldError } from '../util/errors';
import type { Oid } from './git';
import { EMPTY_FOLDER, encodePart } from './names';
import { oid } from './oid';
import { type GitRunner, gitFailure } from './runGit';

/** Maximum input of one git process, in bytes. */
export const BATCH_BYTES = 32 * 1024 * 1024;

/** A file to write into a tree. */
export interface ImportedFile {
  /** Encoded so that git accepts it (`names.ts`). */
  readonly name: string;
  readonly mode: '100644' | '100755' | '120000';
  readonly content: Buffer;
}

export interface TreeImport {
  /** The tree to start from; null for an empty one. */
  readonly from: Oid | null;
  readonly deleted: readonly string[];
  readonly files: readonly ImportedFile[];
  readonly ref: string;
  /** Whether the ref may exist. */
  readonly replace: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Imported {
  /** It has no parents; the same tree always gives the same commit. */
  readonly commit: Oid;
  readonly tree: Oid;
}

/**
 * Writes files, their tree, a commit of it and its ref, with one git process per 32 MB.
 * @throws WeldError `GIT_FAILED`, also if the ref exists and `replace` is false, or if git has pruned the tree to start
 *   from
 */
export async function importTree(
  git: GitRunner,
  { from, deleted, files, ref, replace, signal }: TreeImport,
): Promise<Imported> {
  let told: Imported | undefined;
  for (const batch of batches(files)) {
    const input = Buffer.concat(
      [
        `commit ${ref}\nmark :1\ncommitter Weld <weld@localhost> 0 +0000\ndata 0\n`,
        ...(told
          ? [`M 040000 ${told.tree} \n`]
          : [...(from === null ? [] : [`M 040000 ${from} \n`]), ...deleted.map((name) => `D ${name}\n`)]),
        ...batch.flatMap(({ name, mode, content }) => [
          `M ${mode} inline ${name}\ndata ${content.length}\n`,
          content,
          '\n',
        ]),
        '\nget-mark :1\nls :1 \ndone\n',
      ].map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
    );
    told = await run(git, input, replace || told !== undefined, signal);
  }
  if (!told) throw new WeldError('INTERNAL', 'Nothing was given to git to keep.');
  return told;
}

async function run(git: GitRunner, input: Buffer, force: boolean, signal: AbortSignal | undefined): Promise<Imported> {
  const result = await git.result(['fast-import', '--quiet', '--done', ...(force ? ['--force'] : [])], {
    input,
    signal,
    accept: [0, 1, 128],
  });
  const [, commit, tree] =
    /^([0-9a-f]{40,64})\n040000 tree ([0-9a-f]{40,64})\t/u.exec(Buffer.from(result.stdout).toString('utf8')) ?? [];
  if (result.exitCode === 0 && commit !== undefined && tree !== undefined)
    return { commit: oid(commit), tree: oid(tree) };
  // Git leaves a crash report in the person's git folder.
  const report = /^fast-import: dumping crash report to (.*fast_import_crash_\d+)$/mu.exec(
    Buffer.from(result.stderr).toString('utf8'),
  )?.[1];
  if (report !== undefined) await fs.promises.rm(path.resolve(git.cwd, report), { force: true });
  throw gitFailure('fast-import', result);
}

/** Returns at least one batch, so that an empty tree is written too. */
function batches(files: readonly ImportedFile[]): ImportedFile[][] {
  const all: ImportedFile[][] = [[]];
  let size = 0;
  for (const file of files) {
    if (size > BATCH_BYTES) size = all.push([]) * 0;
    size += file.content.length;
    all.at(-1)?.push(file);
  }
  return all;
}

/** The stat data of one file below `.weld`. */
export interface ScannedFile {
  /** Absolute path, with one character per byte. */
  readonly file: string;
  readonly kind: 'file' | 'link' | 'empty folder';
  readonly executable: boolean;
  readonly size: number;
  /** Mode, inode, size and times: if they are equal, so is the content, except for young files. */
  readonly stat: string;
  /** Changed so recently that it may change again with the same stat data. */
  readonly racy: boolean;
}

export interface FolderScan {
  /** By encoded path. */
  readonly files: ReadonlyMap<string, ScannedFile>;
  /** Reasons by encoded path, for what cannot be kept: special files and unreadable ones. */
  readonly skipped: ReadonlyMap<string, string>;
}

/** For this long after a change, in ms, a file can change again and keep its times: FAT has steps of two seconds. */
const RACY_MS = 2_000;
/** Number of files checked before yielding to the event loop. */
const FILES_PER_TURN = 200;
/** Maximum size of a file that is kept, in bytes; larger ones are reported. */
export const MAX_KEPT_BYTES = 10 * 1024 * 1024;

/**
 * Lists everything below a folder without opening any file.
 * @param root absolute @param excluded names directly below it @param signal stops the walk, which throws its reason
 */
export async function scanFolder(
  root: string,
  excluded: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<FolderScan> {
  const files = new Map<string, ScannedFile>();
  const skipped = new Map<string, string>();
  const racySince = Date.now() - RACY_MS;
  const folders = [{ folder: Buffer.from(root, 'utf8').toString('latin1'), name: '' }];
  let looked = 0;
  for (let next = folders.pop(); next; next = folders.pop()) {
    const { folder, name } = next;
    const entries = list(folder);
    if (entries === null) skipped.set(name, 'permission denied');
    else if (entries.length === 0 && name !== '')
      files.set(`${name}/${EMPTY_FOLDER}`, {
        file: folder,
        kind: 'empty folder',
        executable: false,
        size: 0,
        stat: '',
        racy: false,
      });
    for (const entry of entries ?? []) {
      if (name === '' && excluded.has(entry)) continue;
      const file = `${folder}/${entry}`;
      const at = name === '' ? encodePart(entry) : `${name}/${encodePart(entry)}`;
      const stat = look(file);
      if (stat?.isDirectory()) folders.push({ folder: file, name: at });
      else if (stat) note(file, at, stat);
      if (++looked % FILES_PER_TURN === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
      }
    }
  }
  return { files, skipped };

  function note(file: string, at: string, stat: fs.Stats): void {
    if (!stat.isFile() && !stat.isSymbolicLink()) skipped.set(at, 'it is no file');
    else if (stat.size > MAX_KEPT_BYTES) skipped.set(at, 'it is over 10 MB');
    else
      files.set(at, {
        file,
        kind: stat.isFile() ? 'file' : 'link',
        executable: (stat.mode & 0o100) !== 0,
        size: stat.size,
        stat: `${stat.mode} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`,
        racy: Math.max(stat.mtimeMs, stat.ctimeMs) > racySince,
      });
  }
}

function list(folder: string): readonly string[] | null {
  try {
    return fs.readdirSync(bytes(folder), { encoding: 'latin1' });
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    if (isErrno(error)) return null;
    throw error;
  }
}

function look(file: string): fs.Stats | null {
  try {
    return fs.lstatSync(bytes(file));
  } catch (error) {
    if (isErrno(error)) return null;
    throw error;
  }
}

/** Converts a path with one character per byte to those bytes. */
export const bytes = (file: string): Buffer => Buffer.from(file, 'latin1');

/** @returns the content of a file, or a link's target; null if it is gone, unreadable, or no longer of that kind */
export function contentOf(files: ScannedFile): Buffer | null {
  if (files.kind === 'empty folder') return Buffer.alloc(0);
  if (files.kind !== 'link') {
    const read = readBoundedNow(bytes(files.file), { most: MAX_KEPT_BYTES });
    return read.how === 'read' ? read.bytes : null;
  }
  try {
    return fs.readlinkSync(bytes(files.file), { encoding: 'buffer' });
  } catch (error) {
    if (isErrno(error)) return null;
    throw error;
  }
}
