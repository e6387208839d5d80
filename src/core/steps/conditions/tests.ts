import { counted, wordSet } from '../../util/text';
import { type FileChange, type Finding, finding, isGone, isNew, textOf } from './finding';
import { isTestFile, languageOf } from './languages';
import { removesNamed } from './namedPaths';
import { type Mark, readTests, type TestCase, type TestFile } from './testCases';

const NOTHING: TestFile = { cases: [], marks: [], assertions: 0, tables: 0 };
/** Maximum number of titles named in a sentence. The others are only counted. */
const NAMED = 3;

interface Judged {
  readonly change: FileChange;
  readonly before: TestFile;
  readonly after: TestFile;
}

/**
 * Lists the tests that a step deleted, skipped, focused or emptied. A test is not reported if it moved to another
 * changed file, if the code that it tested was deleted too, or if the step's text says that it will be removed.
 * @param changesText the step's *Changes* section, or null if there is none
 */
export function testFindings(changes: readonly FileChange[], changesText: string | null): readonly Finding[] {
  const judged = changes.flatMap(read);
  const world = totals(judged);
  const moved = movedFiles(changes);
  return judged.flatMap((one) => {
    const { change } = one;
    const state = change.afterId;
    const say = (what: string): Finding => finding('tests', change.path, what, state);
    if (isGone(change)) {
      const excused =
        moved.has(change.path) ||
        one.before.cases.every(({ title }) => world.appeared.has(title)) ||
        subjectGone(change.path, changes) ||
        (changesText !== null && removesNamed(changesText, change.path));
      return excused ? [] : [say(`was deleted, with ${counted(one.before.cases.length, 'test')}`)];
    }
    return [...compared(one, world, changesText), ...marked(one, world)].map(say);
  });
}

/** Whether the condition needs the text of a changed file. */
export const mayHoldTests = (path: string): boolean => {
  const language = languageOf(path);
  return language !== null && (language.anywhere === true || isTestFile(path));
};

function read(change: FileChange): Judged[] {
  const language = languageOf(change.path);
  if (language === null || !mayHoldTests(change.path)) return [];
  const tests = ({ kind, text }: { kind: string; text?: string }): TestFile =>
    kind === 'text' && text !== undefined ? readTests(text, language) : NOTHING;
  const [before, after] = [tests(change.before), tests(change.after)];
  if (before.cases.length + after.cases.length + after.marks.length === 0) return [];
  return isGone(change) && before.cases.length === 0 ? [] : [{ change, before, after }];
}

/** Totals over all changed files, so that a test that moves between files does not count as deleted or new. */
interface World {
  /** New tests whose title no changed file had before. */
  readonly fresh: Set<TestCase>;
  /** Titles that a file has now but did not have before. */
  readonly appeared: ReadonlySet<string>;
  /** Titles that any changed file had before. */
  readonly had: ReadonlySet<string>;
  /** Number of marks before the step, by kind and title. */
  readonly marks: Map<string, number>;
}

function totals(judged: readonly Judged[]): World {
  const world = {
    fresh: new Set<TestCase>(),
    appeared: new Set<string>(),
    had: new Set<string>(),
    marks: new Map<string, number>(),
  };
  for (const { before } of judged) {
    for (const { title } of before.cases) world.had.add(title);
    for (const mark of before.marks) world.marks.set(keyOf(mark), (world.marks.get(keyOf(mark)) ?? 0) + 1);
  }
  for (const { before, after } of judged) {
    const old = new Set(before.cases.map(({ title }) => title));
    for (const test of after.cases) {
      if (!old.has(test.title)) world.appeared.add(test.title);
      if (!world.had.has(test.title)) world.fresh.add(test);
    }
  }
  return world;
}

const keyOf = ({ kind, title }: Mark): string => `${kind}\0${title}`;

/** Describes what happened to the tests of a file that still exists. */
function compared(one: Judged, world: World, changesText: string | null): string[] {
  const { change, before, after } = one;
  const { gone, hollow } = lostAndEmptied(one, world);
  const words: string[] = [];
  const excused = after.tables > before.tables || (changesText !== null && removesNamed(changesText, change.path));
  if (gone.length > 0 && !excused)
    words.push(
      after.cases.length === 0
        ? `no longer has any of its ${counted(before.cases.length, 'test')}`
        : `has lost ${counted(gone.length, 'test')}${named(gone)}`,
    );
  if (hollow.length > 0) words.push(`has ${counted(hollow.length, 'test')} emptied${named(hollow)}`);
  else if (before.assertions > 0 && after.assertions === 0 && after.cases.length > 0)
    words.push('no longer has an assertion');
  return words;
}

function lostAndEmptied({ before, after }: Judged, world: World): { gone: TestCase[]; hollow: TestCase[] } {
  const left = new Map<string, TestCase[]>();
  for (const test of after.cases) left.set(test.title, [...(left.get(test.title) ?? []), test]);
  const gone: TestCase[] = [];
  const hollow: TestCase[] = [];
  for (const was of before.cases) {
    const is = left.get(was.title)?.shift() ?? renamed(was, world);
    if (is !== undefined) {
      if (isHollow(was, is)) hollow.push(was);
    } else if (!world.appeared.has(was.title)) gone.push(was);
  }
  return { gone, hollow };
}

function isHollow(was: TestCase, is: TestCase): boolean {
  if (was.empty) return false;
  return is.empty || (was.assertions > 0 && is.assertions === 0 && plain(is.body).length * 2 < plain(was.body).length);
}

/** Minimum share of common words for a new test to count as a renamed one. */
const ALIKE = 0.5;
/** Words that occur in most tests, so they say nothing about similarity. */
const COMMON = wordSet(`
  expect assert assertequals assertsame asserteq assert_eq equal tobe toequal
  self this const let var await async return function def void new true false null none
`);

/** Finds a new test that is similar to a deleted one. Each new test replaces at most one. */
function renamed(was: TestCase, world: World): TestCase | undefined {
  if (world.appeared.has(was.title)) return undefined;
  for (const test of world.fresh) {
    if (plain(test.body) !== plain(was.body) && !alike(was.title, test.title) && !alike(was.body, test.body)) continue;
    world.fresh.delete(test);
    return test;
  }
  return undefined;
}

const plain = (body: string): string => body.replace(/\s+/gu, '');

function alike(a: string, b: string): boolean {
  const [ours, theirs] = [a, b].map(
    (text) => new Set((text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? []).filter((word) => !COMMON.has(word))),
  );
  if (ours === undefined || theirs === undefined) return false;
  let both = 0;
  for (const word of ours) if (theirs.has(word)) both++;
  const most = Math.max(ours.size, theirs.size);
  return both > 0 && both / most >= ALIKE && (both > 1 || most < 3);
}

function marked({ after }: Judged, world: World): string[] {
  const found = new Map<Mark['kind'], string[]>();
  for (const mark of after.marks) {
    const known = world.marks.get(keyOf(mark)) ?? 0;
    if (known > 0) world.marks.set(keyOf(mark), known - 1);
    // A new test that is skipped only under a condition removes nothing.
    else if (!mark.sometimes || world.had.has(mark.title))
      found.set(mark.kind, [...(found.get(mark.kind) ?? []), mark.title]);
  }
  return [...found].map(([kind, titles]) => `has ${counted(titles.length, 'test')} ${kind}${quoted(titles)}`);
}

/** Whether the code that a test file is named after was deleted too. */
function subjectGone(path: string, changes: readonly FileChange[]): boolean {
  const stem = stemOf(path);
  return changes.some(
    (change) =>
      isGone(change) && !isTestFile(change.path) && languageOf(change.path) !== null && stemOf(change.path) === stem,
  );
}

/**
 * Returns a file's name without its ending and test words, in lower case: `parse` for `parse.test.ts`,
 * `test_parse.py` and `ParseTest.java`.
 */
function stemOf(path: string): string {
  const name = (path.split('/').at(-1) ?? '').replace(/\.\w+$/u, '');
  return name.replace(/^tests?_|[._-](?:tests?|specs?|cy|e2e)$|(?:Tests?|Spec|IT|TestCase)$/gu, '').toLowerCase();
}

const named = (cases: readonly TestCase[]): string => quoted(cases.map(({ title }) => title));

/** Returns a colon and the first titles in quotes, or an empty string if there are no titles. */
function quoted(titles: readonly string[]): string {
  const shown = titles
    .filter((title) => title !== '')
    .slice(0, NAMED)
    .map((title) => `"${title.replace(/\s+/gu, ' ').slice(0, 80)}"`);
  if (shown.length === 0) return '';
  const rest = titles.length - shown.length;
  return `: ${[...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', ')}`;
}

/** Minimum share of the longer file's lines that two files have in common to count as a move. */
const MOVED_FROM = 0.6;
/** Maximum number of deleted or new files compared by content. Beyond it, only identical files count as moved. */
const MAX_COMPARED = 50;

/** Finds files that were moved. @returns a map from old to new paths */
export function movedFiles(changes: readonly FileChange[]): ReadonlyMap<string, string> {
  const gone = changes.filter(isGone);
  const fresh = changes.filter(isNew);
  const moved = new Map<string, string>();
  const taken = new Set<string>();
  const pair = (from: FileChange, to: FileChange): void => {
    moved.set(from.path, to.path);
    taken.add(to.path);
  };
  for (const from of gone) {
    const same = fresh.find((to) => !taken.has(to.path) && from.beforeId !== null && from.beforeId === to.afterId);
    if (same) pair(from, same);
  }
  const left = gone.filter(({ path }) => !moved.has(path));
  if (left.length > MAX_COMPARED || fresh.length > MAX_COMPARED) return moved;
  const lines = new Map(fresh.map((to) => [to.path, linesOf(textOf(to.after))]));
  for (const from of left) {
    const own = linesOf(textOf(from.before));
    if (own.length === 0) continue;
    const [best] = fresh
      .filter((to) => !taken.has(to.path) && extension(to.path) === extension(from.path))
      .map((to) => ({ to, alike: shared(own, lines.get(to.path) ?? []) }))
      .filter(({ alike }) => alike >= MOVED_FROM)
      .sort((a, b) => b.alike - a.alike);
    if (best) pair(from, best.to);
  }
  return moved;
}

const extension = (path: string): string => /\.\w+$/u.exec(path)?.[0] ?? '';

function linesOf(text: string | null): readonly string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length > 3);
}

/** Returns the number of common lines divided by the number of lines of the longer file. */
function shared(a: readonly string[], b: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const line of a) counts.set(line, (counts.get(line) ?? 0) + 1);
  let both = 0;
  for (const line of b) {
    const count = counts.get(line) ?? 0;
    if (count === 0) continue;
    counts.set(line, count - 1);
    both++;
  }
  return both / Math.max(a.length, b.length, 1);
}
