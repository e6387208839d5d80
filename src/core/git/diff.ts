import { WeldError } from '../util/errors';
import type { ChangedFile, Oid } from './git';
import { isPlain, showName } from './names';
import { oid } from './oid';
import { withBareView } from './privateIndex';
import { type GitRunner, OutputTooLarge, splitNul } from './runGit';

/** One difference between two trees, with the modes and object ids of both sides; zeros for a missing side. */
export interface RawChange extends ChangedFile {
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldOid: Oid;
  readonly newOid: Oid;
}

/** The mode of a submodule's entry. */
export const SUBMODULE = '160000';

export const isSubmodule = (change: RawChange): boolean => change.oldMode === SUBMODULE || change.newMode === SUBMODULE;

const STATUS: Readonly<Record<string, ChangedFile['status']>> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  T: 'type-changed',
};

/**
 * A patch that `git apply` accepts. The content of a file alone decides whether it is text, because attributes are not
 * read. Every setting that a person's configuration could change is fixed.
 * @param gitDir of the repository @param maxBytes maximum size of the patch @throws OutputTooLarge
 */
export async function patch(
  git: GitRunner,
  gitDir: string,
  from: Oid,
  to: Oid,
  maxBytes?: number,
): Promise<Uint8Array> {
  const asText = async (): Promise<Uint8Array> =>
    splitPatch(
      git,
      [from, to],
      await withBareView(git, gitDir, oid(from), (view) => plainPatch(view, from, to, maxBytes)),
    );
  try {
    return await asText();
  } catch (error) {
    if (!(error instanceof WeldError) || error.code !== 'GIT_FAILED' || error instanceof OutputTooLarge) throw error;
    // In a partial clone, this fetches the missing objects.
    await plainPatch(git, from, to, maxBytes);
    return asText();
  }
}

/**
 * Keeps the list of changes that git printed before a patch, so that `rawChanges` does not start it for the same trees.
 * @returns the patch
 */
function splitPatch(git: GitRunner, trees: readonly [Oid, Oid], printed: Uint8Array): Uint8Array {
  let at = 0;
  while (printed[at] === COLON) at = printed.indexOf(0, printed.indexOf(0, at) + 1) + 1;
  lastDiff.set(git, { pair: trees.join(' '), changes: parseRawDiff(splitNul(printed.subarray(0, at))) });
  return printed.subarray(at + 1); // one more zero byte is between them
}

/** Every entry of a list of changes begins with a colon, and no patch does. */
const COLON = 0x3a;

/** The list of changes, a zero byte and the patch; nothing if the trees are equal. */
async function plainPatch(git: GitRunner, from: Oid, to: Oid, maxBytes: number | undefined): Promise<Uint8Array> {
  return git.bytes(
    [
      'diff-tree',
      '-r',
      '-p',
      '--raw',
      '-z',
      '--no-abbrev',
      '--binary',
      '--full-index',
      '--no-ext-diff',
      '--no-textconv',
      '--no-color',
      '--no-renames',
      '--no-relative',
      '--src-prefix=a/',
      '--dst-prefix=b/',
      '-U3',
      '--inter-hunk-context=0',
      '--diff-algorithm=default',
      '--indent-heuristic',
      '--submodule=short',
      '--ignore-submodules=none',
      '-O/dev/null',
      oid(from),
      oid(to),
      '--',
    ],
    { ...(maxBytes !== undefined && { maxBytes }) },
  );
}

/**
 * The last difference in each repository. Two trees always differ in the same way, and consecutive phases compare the
 * same two.
 */
const lastDiff = new WeakMap<GitRunner, { readonly pair: string; readonly changes: readonly RawChange[] }>();

export async function rawChanges(git: GitRunner, from: Oid, to: Oid): Promise<readonly RawChange[]> {
  const pair = `${oid(from)} ${oid(to)}`;
  const known = lastDiff.get(git);
  if (known?.pair === pair) return known.changes;
  const changes = parseRawDiff(
    await git.fields([
      'diff-tree',
      '-r',
      '-z',
      '--raw',
      '--no-renames',
      '--no-abbrev',
      '--ignore-submodules=none',
      from,
      to,
      '--',
    ]),
  );
  lastDiff.set(git, { pair, changes });
  return changes;
}

/** @param fields the output of git for `--raw -z`, split at the zero bytes */
export function parseRawDiff(fields: readonly string[]): RawChange[] {
  const changes: RawChange[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [oldMode = '', newMode = '', oldOid = '', newOid = '', letter = ''] = (fields[i] ?? '').slice(1).split(' ');
    changes.push({
      path: fields[i + 1] ?? '',
      status: STATUS[letter] ?? 'modified',
      oldMode,
      newMode,
      oldOid: oldOid as Oid,
      newOid: newOid as Oid,
    });
  }
  return changes;
}

/** The content of a file in a tree. @returns null if the path is not a file of the tree */
export async function fileInTree(git: GitRunner, tree: Oid, path: string): Promise<Uint8Array | null> {
  // Git fails for these paths.
  if (path === '' || path.split('/').includes('..') || path.startsWith('/')) return null;
  // Only a UTF-8 name can be an argument.
  const [entry] = isPlain(path)
    ? await git.fields(['ls-tree', '-z', '--full-tree', oid(tree), '--', path])
    : (await git.fields(['ls-tree', '-r', '-z', '--full-tree', oid(tree)])).filter((line) =>
        line.endsWith(`\t${path}`),
      );
  const parts = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(entry ?? '');
  return parts?.[1] !== undefined && parts[2] === path ? git.bytes(['cat-file', 'blob', parts[1]]) : null;
}

/**
 * Runs `ask`, which compares two trees. @throws WeldError `GIT_FAILED` that names the largest changed file if the
 * output is too large
 */
export async function namingTheLargest<T>(git: GitRunner, from: Oid, to: Oid, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof OutputTooLarge)) throw error;
    const largest = await largestChange(git, from, to);
    if (!largest) throw error;
    const size = `${Math.max(1, Math.round(largest.bytes / 1024 / 1024))} MB`;
    throw new WeldError(
      'GIT_FAILED',
      `The changes are too large to be shown, most of all ${showName(largest.path)} (${size}); remove that file ` +
        'or have git ignore it, then try again.',
      { cause: error },
    );
  }
}

async function largestChange(
  git: GitRunner,
  from: Oid,
  to: Oid,
): Promise<{ readonly path: string; readonly bytes: number } | null> {
  const changes = await rawChanges(git, from, to);
  const ids = [...new Set(changes.flatMap(({ oldOid, newOid }) => [oldOid, newOid]))].filter((id) => !/^0+$/u.test(id));
  const lines = (
    await git.text(['cat-file', '--batch-check=%(objectname) %(objectsize)'], { input: `${ids.join('\n')}\n` })
  ).split('\n');
  const sizes = new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1]) || 0]));
  const all = changes.map(({ path, oldOid, newOid }) => ({
    path,
    bytes: (sizes.get(oldOid) ?? 0) + (sizes.get(newOid) ?? 0),
  }));
  return all.sort((a, b) => b.bytes - a.bytes)[0] ?? null;
}
