import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileChange } from '../../../../../src/core/steps/conditions/finding';
import { stepText } from '../../../../../src/core/steps/conditions/namedPaths';
import { scopeFindings } from '../../../../../src/core/steps/conditions/scope';
import { change, created, deleted, unread } from './changes';

const step = (changes: string, tests = '- None.'): string =>
  `### Goal\nDo it, as src/other.ts does.\n\n### Changes\n${changes}\n\n### Acceptance criteria\n- [ ] It is ` +
  `done.\n\n### Tests\n${tests}\n`;
const strangers = (body: string, changes: readonly FileChange[]): string[] | null =>
  scopeFindings(changes, stepText({ body_md: body }))?.map(({ path }) => path) ?? null;
const CODE = 'export const one = 1;\nexport const two = 2;\nexport const three = 3;\n';

describe("files outside of a step's Changes", () => {
  it.each<[string, string, string[], string[]]>([
    ['a file beside the named one', '- `src/a.ts`: add it', ['src/a.ts', 'src/b.ts'], ['src/b.ts']],
    [
      'a file of the same name elsewhere, where the folder is named',
      '- `src/a.ts`',
      ['src/a.ts', 'lib/a.ts'],
      ['lib/a.ts'],
    ],
    ['a file that only the goal speaks of', '- `src/a.ts`', ['src/a.ts', 'src/other.ts'], ['src/other.ts']],
    [
      'a file beside a named folder',
      '- Everything in `src/core/`',
      ['src/core/a.ts', 'src/corelib/a.ts'],
      ['src/corelib/a.ts'],
    ],
    ['a file that a pattern leaves out', '- `src/**/*.css`', ['src/a/b.css', 'src/a/b.ts'], ['src/a/b.ts']],
    ['a manifest that nobody named', '- src/a.ts', ['src/a.ts', 'package.json'], ['package.json']],
    ['a lock file whose manifest nobody named', '- src/a.ts', ['src/a.ts', 'package-lock.json'], ['package-lock.json']],
    ['CI', '- src/a.ts', ['src/a.ts', '.github/workflows/ci.yml'], ['.github/workflows/ci.yml']],
    ['a word that is no folder', '- Add the parser to `src/a.ts`', ['src/a.ts', 'parser/b.ts'], ['parser/b.ts']],
    ['the test of another file', '- src/a.ts', ['src/a.ts', 'test/b.test.ts'], ['test/b.test.ts']],
  ])('%s', (_name, text, files, found) => {
    expect(strangers(step(text), files.map(unread))).toEqual(found);
  });

  it('says that a file is new', () => {
    expect(
      scopeFindings([created('src/b.ts')], stepText({ body_md: step('- `src/a.ts`') }))?.map(({ what }) => what),
    ).toEqual(['is new, and not named by the step']);
  });
});

describe('files are inside where', () => {
  it.each<[string, string, string[]]>([
    ['code names them', '- `src/a.ts`: add it', ['src/a.ts']],
    ['plain words name them', '- Create src/a.ts and src/b.ts.', ['src/a.ts', 'src/b.ts']],
    ['strong words name them', '- **src/a.ts** and __src/b.ts__', ['src/a.ts', 'src/b.ts']],
    ['a link names them', '- [the parser](src/a.ts)', ['src/a.ts']],
    ['a path begins at the top', '- `./src/a.ts`, /src/b.ts', ['src/a.ts', 'src/b.ts']],
    ['a line is named with them', '- `src/a.ts:12`, src/b.ts:3-9', ['src/a.ts', 'src/b.ts']],
    ['only the name is given', '- Change a.ts', ['src/deep/a.ts']],
    ['the beginning of a path is left out', '- `core/a.ts`', ['src/core/a.ts']],
    ['a folder is named', '- Everything in `src/core/`.', ['src/core/a.ts', 'src/core/b/c.ts']],
    ['a folder is named without its slash', '- Everything in `src/core`', ['src/core/a.ts']],
    ['a top folder is set off', '- All of `docs`', ['docs/a.md']],
    ['a pattern covers them', '- `src/**/*.css` and *.svg', ['src/a/b.css', 'media/a.svg']],
    ['a pattern has braces', '- `src/{a,b}.ts`', ['src/a.ts', 'src/b.ts']],
    ['a file has no ending', '- `Makefile`, Dockerfile', ['Makefile', 'Dockerfile']],
    ['names are written in other letters', '- `readme.md`', ['README.md']],
    ['backslashes are used', '- `src\\core\\a.ts`', ['src/core/a.ts']],
    ['a file is made in a code block', '```\nsrc/a.ts\nsrc/b.ts\n```', ['src/a.ts', 'src/b.ts']],
    [
      'the test of a named file changes',
      '- src/parse.ts',
      ['src/parse.ts', 'src/parse.test.ts', 'test/unit/parse.spec.ts', 'src/__tests__/parse.ts'],
    ],
    ['the test of a named module changes', '- pkg/parse.py', ['pkg/parse.py', 'tests/test_parse.py']],
    [
      'the test of a named class changes',
      '- src/main/java/Parser.java',
      ['src/main/java/Parser.java', 'src/test/java/ParserTest.java'],
    ],
    ['the test of a named package changes', '- m/parse.go', ['m/parse.go', 'm/parse_test.go']],
    ['a record of a named test changes', '- `src/view.tsx`', ['src/view.tsx', 'src/__snapshots__/view.test.tsx.snap']],
    [
      'something is generated from a named file',
      '- `api/user.proto`',
      ['api/user.proto', 'api/user.pb.go', 'gen/user_pb2.py'],
    ],
    ['types are generated', '- lib/a.js', ['lib/a.js', 'lib/a.d.ts']],
    ['a lock file follows its manifest', '- `package.json`: add zod', ['package.json', 'package-lock.json']],
    [
      'other lock files follow theirs',
      '- Cargo.toml, go.mod, pyproject.toml',
      ['Cargo.toml', 'Cargo.lock', 'go.mod', 'go.sum', 'pyproject.toml', 'uv.lock', 'poetry.lock'],
    ],
    ['the folder of a program has brackets', '- `app/[id]/page.tsx`', ['app/[id]/page.tsx']],
  ])('%s', (_name, text, files) => {
    expect(strangers(step(text), files.map(unread))).toEqual([]);
  });

  it('the step names them under Tests', () => {
    expect(
      strangers(step('- `src/a.ts`', '- `test/whole.test.ts`: it works'), [
        unread('src/a.ts'),
        unread('test/whole.test.ts'),
      ]),
    ).toEqual([]);
  });

  it('they are new and the step asks for tests, fixtures included', () => {
    expect(
      strangers(step('- `src/a.ts`', '- Bad input is refused.'), [
        unread('src/a.ts'),
        created('test/badInput.test.ts'),
        created('test/fixtures/bad.txt'),
        created('src/b.ts'),
      ]),
    ).toEqual(['src/b.ts']);
  });

  it('they were moved from or to a named place', () => {
    const files = [
      deleted('src/a.ts', CODE),
      created('src/core/b.ts', `${CODE}\n`),
      deleted('src/old.ts', 'x\n'),
      created('src/new.ts', 'x\n'),
    ];
    expect(strangers(step('- Move `src/a.ts` away.\n- Rename old.ts'), files)).toEqual([]);
  });

  it.each<[string, string]>([
    ['there is no Changes', '### Goal\nDo it.\n\n### Acceptance criteria\n- [ ] Done.\n\n### Tests\n- None.\n'],
    [
      'Changes name no path',
      step('- Make the parser faster; call `cache.clear()` on reload, read/write both, e.g. twice.'),
    ],
    ['there is no section at all', 'Just do it in src/a.ts.'],
    ['it is empty', ''],
  ])('nothing is judged: %s', (_name, body) => {
    expect(strangers(body, [unread('src/b.ts')])).toBeNull();
  });

  it.each([
    ['headings', '## Changes\n- `src/a.ts`\n\n## Tests\n- x\n'],
    ['deep headings', '#### Files to change\n- `src/a.ts`\n\n#### Tests\n- x\n'],
    ['labels', '**Goal:** do it\n\n**Changes:**\n- `src/a.ts`\n\n**Tests:** none\n'],
    ['bullets', '- Goal: do it\n- Changes:\n  - `src/a.ts`\n- Tests: none\n'],
  ])('the section is found by %s', (_name, body) => {
    expect(strangers(body, [unread('src/a.ts'), unread('src/b.ts')])).toEqual(['src/b.ts']);
  });

  it('never throws, whatever plan and names', () => {
    const word = fc.oneof(
      fc.constantFrom('`', '**', '{a,b', '!(', '[', '](', 'src/', '*', '**/', '\\', '\n- ', '.', '/'),
      fc.string({ maxLength: 6 }),
    );
    const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 4 }), (changes, files) => {
        scopeFindings(
          files.map((file) => change(file, 'a', 'b')),
          { changes, tests: changes },
        );
      }),
      { numRuns: 500 },
    );
  });

  it('is quick for many files and many names', () => {
    const names = Array.from({ length: 1_000 }, (_, n) => `- \`src/part${n}/**/*.ts\``).join('\n');
    const files = Array.from({ length: 200 }, (_, n) => unread(`lib/part${n}/a/b/c/d.ts`));
    const began = performance.now();
    expect(strangers(step(names), files)).toHaveLength(200);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
