import { isUtf8 } from 'node:buffer';
import { type RawChange, rawChanges } from './diff';
import type { ChangedText, Oid, TextSide } from './git';
import { isPlain } from './names';
import { oid } from './oid';
import type { GitRunner } from './runGit';

/** Maximum size of a file that counts as text, in bytes. */
const MAX_TEXT_BYTES = 2 * 1024 * 1024;
/** Maximum total size of the texts read at once, in bytes; files beyond it count as not read. */
const MAX_TOTAL_BYTES = 64 * 1024 * 1024;
const REGULAR = new Set(['100644', '100755']);

/**
 * The files that differ between two trees, with both texts of the wanted ones. The texts take two more git processes.
 */
export async function changedTexts(
  git: GitRunner,
  from: Oid,
  to: Oid,
  wanted: (path: string) => boolean,
): Promise<readonly ChangedText[]> {
  const changes = await rawChanges(git, from, to);
  const read = changes.filter(({ path }) => wanted(path));
  const texts = await readObjects(
    git,
    read.flatMap((change) => [...regular(change.oldMode, change.oldOid), ...regular(change.newMode, change.newOid)]),
  );
  const asked = new Set(read);
  return changes.map((change) => ({
    path: change.path,
    beforeId: idOf(change.oldOid),
    afterId: idOf(change.newOid),
    before: sideOf(change, change.oldMode, change.oldOid),
    after: sideOf(change, change.newMode, change.newOid),
  }));

  function sideOf(change: RawChange, mode: string, id: Oid): TextSide {
    if (idOf(id) === null) return { kind: 'none' };
    const text = asked.has(change) && REGULAR.has(mode) ? texts.get(id) : undefined;
    return text === undefined ? { kind: 'unread' } : { kind: 'text', text };
  }
}

/**
 * The last answers in each repository: trees never change, and each iteration reads the same files of the step's base.
 */
const lastTexts = new WeakMap<GitRunner, Map<string, ReadonlyMap<string, string>>>();
const MAX_CACHED_ANSWERS = 4;
/** Maximum length of a cached answer, in UTF-16 units; larger ones are read again. */
const MAX_CACHED_LENGTH = 1024 * 1024;

/** Texts of files in a tree, by path; excludes files that are missing, binary or large. */
export async function textsOf(
  git: GitRunner,
  tree: Oid,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const asked = JSON.stringify([tree, ...paths]);
  const answers = lastTexts.get(git) ?? new Map<string, ReadonlyMap<string, string>>();
  const known = answers.get(asked);
  if (known) return known;
  const texts = await readTexts(git, tree, paths);
  if ([...texts.values()].reduce((sum, text) => sum + text.length, 0) > MAX_CACHED_LENGTH) return texts;
  lastTexts.set(git, answers.set(asked, texts));
  for (const oldest of answers.keys()) if (answers.size > MAX_CACHED_ANSWERS) answers.delete(oldest);
  return texts;
}

async function readTexts(git: GitRunner, tree: Oid, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const usable = [...new Set(paths)].filter(
    (path) => path !== '' && !path.startsWith('/') && !/[\n\r\0]|(?:^|\/)\.{1,2}(?:\/|$)/u.test(path) && isPlain(path),
  );
  const texts = await readObjects(
    git,
    usable.map((path) => `${oid(tree)}:${path}`),
  );
  return new Map(
    usable.flatMap((path) => {
      const text = texts.get(`${tree}:${path}`);
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
}

const regular = (mode: string, id: Oid): readonly Oid[] => (REGULAR.has(mode) && idOf(id) !== null ? [id] : []);
const idOf = (id: Oid): Oid | null => (/^0*$/u.test(id) ? null : id);

/** @param names of objects, in any form that git accepts @returns the small texts among them, by the given name */
async function readObjects(git: GitRunner, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const asked = [...new Set(names)];
  const texts = new Map<string, string>();
  if (asked.length === 0) return texts;
  const lines = (
    await git.text(['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'], {
      input: `${asked.join('\n')}\n`,
    })
  ).split('\n');
  let left = MAX_TOTAL_BYTES;
  const small = asked.flatMap((name, i) => {
    const [id = '', type, size = ''] = (lines[i] ?? '').split(' ');
    const bytes = Number(size);
    if (type !== 'blob' || !Number.isSafeInteger(bytes) || bytes > MAX_TEXT_BYTES || bytes > left) return [];
    left -= bytes;
    return [{ name, id, bytes }];
  });
  if (small.length === 0) return texts;
  const all = Buffer.from(
    await git.bytes(['cat-file', '--batch'], { input: `${small.map(({ id }) => id).join('\n')}\n` }),
  );
  let at = 0;
  for (const { name, bytes } of small) {
    const start = all.indexOf(0x0a, at) + 1;
    const content = all.subarray(start, start + bytes);
    at = start + bytes + 1;
    if (isUtf8(content) && !content.includes(0)) texts.set(name, content.toString('utf8'));
  }
  return texts;
}

/**
 * Files that a patch treats as binary, so that it does not show their text. @param patch in git's format
 * @returns their names as in the patch, with git's escapes
 */
export function binaryFiles(patch: string): string[] {
  const found: string[] = [];
  // Every line of a hunk begins with a sign, so no content can look like this mark.
  for (let at = patch.indexOf(MARK); at >= 0; at = patch.indexOf(MARK, at + MARK.length)) {
    const from = patch.lastIndexOf(`\n${HEADER}`, at);
    const header = from < 0 ? patch : patch.slice(from + 1);
    found.push(nameIn(header.slice(HEADER.length, header.indexOf('\n'))));
  }
  return found;
}

/** @param patch in git's format @returns the part of each file, by its name as in the patch, with git's escapes */
export function patchByFile(patch: string): ReadonlyMap<string, string> {
  // Every line of a hunk begins with a sign, so no content can look like a header.
  const parts = `\n${patch}`.split(`\n${HEADER}`).slice(1);
  return new Map(parts.map((part) => [nameIn(part.slice(0, part.indexOf('\n'))), part]));
}

const MARK = '\nGIT binary patch\n';
const HEADER = 'diff --git ';

/** Both sides have the same name, because renames are off. */
function nameIn(sides: string): string {
  const half = sides.slice(0, (sides.length - 1) / 2);
  return half.startsWith('"') ? half.slice(3, -1) : half.slice(2);
}

/** @returns the contents of objects, by id; excludes objects that git does not have */
export async function readBlobs(git: GitRunner, ids: readonly Oid[]): Promise<ReadonlyMap<Oid, Buffer>> {
  const found = new Map<Oid, Buffer>();
  if (ids.length === 0) return found;
  const told = Buffer.from(await git.bytes(['cat-file', '--batch'], { input: `${[...new Set(ids)].join('\n')}\n` }));
  for (let at = 0; at < told.length; ) {
    const end = told.indexOf(10, at);
    const [id = '', type = '', size = ''] = told.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (type !== 'blob') continue; // "<id> missing"
    found.set(id as Oid, told.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return found;
}
