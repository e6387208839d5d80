import { type FileChange, type Finding, finding, isNew } from './finding';
import { isAmongTests, isTestFile, languageOf } from './languages';
import { isPath, type Name, namesIn, stands } from './namedPaths';
import { movedFiles } from './tests';

/**
 * Lists the files that a step changed although its *Changes* section does not name them. The section can name a file by
 * its path, its name, a folder above it or a pattern. This also covers the file's tests, files generated from it, its
 * path after a move, and the lock file of a manifest. If the step has a *Tests* section, new files among the tests are
 * expected too.
 * @param texts the step's *Changes* and *Tests* sections
 * @returns null if there is nothing to judge by: no *Changes* section, or no path in it
 */
export function scopeFindings(
  changes: readonly FileChange[],
  texts: { readonly changes: string | null; readonly tests: string },
): readonly Finding[] | null {
  if (texts.changes === null) return null;
  const wanted = namesIn(texts.changes);
  if (!wanted.some((name) => isPath(name) || (name.marked && changes.some(({ path }) => stands(name, path)))))
    return null;
  const names = [...wanted, ...namesIn(texts.tests)];
  const isNamed = (path: string): boolean => names.some((name) => stands(name, path));
  const inside = new Set(changes.map(({ path }) => path).filter(isNamed));
  for (const [from, to] of movedFiles(changes))
    if (inside.has(from) || inside.has(to)) {
      inside.add(from);
      inside.add(to);
    }
  const stems = stemsOf(names, inside);
  const asksForTests = /\p{L}{4}/u.test(texts.tests.replace(/\b(?:tests?|none|nothing)\b/giu, ''));
  return changes
    .filter(
      (change) =>
        !inside.has(change.path) &&
        !belongs(change.path, stems, names) &&
        !(asksForTests && isNew(change) && isAmongTests(change.path)),
    )
    .map((change) =>
      finding('scope', change.path, isNew(change) ? 'is new, and not named by the step' : 'is not named by the step'),
    );
}

/** Returns file names without folder, ending and test words, so that `parse.ts` also covers `parse.test.ts`. */
function stemsOf(names: readonly Name[], inside: ReadonlySet<string>): ReadonlySet<string> {
  const files = [
    ...names.filter(({ text }) => /\.\w+$/u.test(text) && !text.includes('*')).map(({ text }) => text),
    ...inside,
  ];
  return new Set(files.map((file) => stemOf(file)).filter((stem) => stem !== ''));
}

function belongs(path: string, stems: ReadonlySet<string>, names: readonly Name[]): boolean {
  const name = (path.split('/').at(-1) ?? '').toLowerCase();
  const manifests = LOCK_FILES.get(name);
  if (manifests) return names.some(({ text }) => manifests.test(text));
  if (!isSibling(path)) return false;
  return stems.has(stemOf(path));
}

/** Whether a file is a test, a snapshot, or a file that programs generate beside its source. */
function isSibling(path: string): boolean {
  return (
    (isTestFile(path) && languageOf(path) !== null) ||
    /\.snap$|(?:^|\/)__snapshots__\//u.test(path) ||
    GENERATED.some((form) => form.test(path))
  );
}

const GENERATED: readonly RegExp[] = [
  /\.(?:d\.[cm]?ts|(?:[cm]?js|css)\.map|min\.(?:js|css))$/iu,
  /\.(?:pb|gen|generated)\.\w+$|\.(?:g|freezed)\.dart$|\.designer\.cs$/iu,
  /_(?:pb2|pb2_grpc|generated|gen|string|mock)\.\w+$/iu,
  /(?:^|\/)(?:mock_\w+|zz_generated\.[\w.]+)\.go$/iu,
];

function stemOf(path: string): string {
  const name = (path.split('/').at(-1) ?? '').toLowerCase();
  const stem = name.replace(/^(?:tests?|mock)_/u, '').replace(/\.[^]*/u, '');
  return stem.replace(
    /(?:[_-](?:tests?|specs?|pb2|pb2_grpc|generated|gen|string|mock)|(?:tests?|spec|testcase))$/u,
    '',
  );
}

/** Lock files, each with a pattern of its manifest. */
const LOCK_FILES: ReadonlyMap<string, RegExp> = new Map([
  ...[
    'package-lock.json',
    'npm-shrinkwrap.json',
    'yarn.lock',
    'pnpm-lock.yaml',
    'bun.lock',
    'bun.lockb',
    'deno.lock',
  ].map((name) => [name, /(?:^|\/)(?:package|deno)\.jsonc?$/iu] as const),
  ['cargo.lock', /(?:^|\/)cargo\.toml$/iu],
  ['go.sum', /(?:^|\/)go\.mod$/iu],
  ['gemfile.lock', /(?:^|\/)gemfile$|\.gemspec$/iu],
  ...['poetry.lock', 'uv.lock', 'pdm.lock'].map((name) => [name, /(?:^|\/)pyproject\.toml$/iu] as const),
  ['pipfile.lock', /(?:^|\/)pipfile$/iu],
  ['composer.lock', /(?:^|\/)composer\.json$/iu],
  ['mix.lock', /(?:^|\/)mix\.exs$/iu],
  ['pubspec.lock', /(?:^|\/)pubspec\.yaml$/iu],
  ['packages.lock.json', /\.csproj$/iu],
  ['package.resolved', /(?:^|\/)package\.swift$/iu],
  ['flake.lock', /(?:^|\/)flake\.nix$/iu],
  ['gradle.lockfile', /\.gradle(?:\.kts)?$/iu],
]);
