import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { WeldError } from '../errors';
import { gitFailure } from './failures';
import type { GitRunner } from './run-git';
import type { Oid } from './types';

/** So much is given to git at once, in bytes. */
export const BATCH_BYTES = 32 * 1024 * 1024;

/** A file as it is to stand in a tree. */
export interface ImportedFile {
  /** Of letters that git takes as they are (`weld-names`). */
  readonly name: string;
  readonly mode: '100644' | '100755' | '120000';
  readonly content: Buffer;
}

export interface TreeImport {
  /** The tree that it begins from; null for an empty one. */
  readonly from: Oid | null;
  readonly gone: readonly string[];
  readonly files: readonly ImportedFile[];
  readonly ref: string;
  /** Whether the ref may be there already. */
  readonly replace: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Imported {
  /** Without parents, and the same for the same tree. */
  readonly commit: Oid;
  readonly tree: Oid;
}

/**
 * Writes files, their tree, a commit of it and its ref, by one start of git for each 32 MB.
 * @throws WeldError `GIT_FAILED`, also when the ref is there and must not be, or git has pruned the tree to begin from
 */
export async function importTree(
  git: GitRunner,
  { from, gone, files, ref, replace, signal }: TreeImport,
): Promise<Imported> {
  let told: Imported | undefined;
  for (const batch of batches(files)) {
    const input = Buffer.concat(
      [
        `commit ${ref}\nmark :1\ncommitter Weld <weld@localhost> 0 +0000\ndata 0\n`,
        ...(told
          ? [`M 040000 ${told.tree} \n`]
          : [...(from === null ? [] : [`M 040000 ${from} \n`]), ...gone.map((name) => `D ${name}\n`)]),
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
  if (result.exitCode === 0 && commit !== undefined && tree !== undefined) return { commit, tree };
  // Git leaves a report of its own end in the person's git folder.
  const report = /^fast-import: dumping crash report to (.*fast_import_crash_\d+)$/mu.exec(
    Buffer.from(result.stderr).toString('utf8'),
  )?.[1];
  if (report !== undefined) await fs.rm(path.resolve(git.cwd, report), { force: true });
  throw gitFailure('fast-import', result);
}

/** At least one, so that an empty tree is written too. */
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
