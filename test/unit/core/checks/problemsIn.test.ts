import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MOST_PROBLEMS, problemsIn } from '../../../../src/core/checks/problemsIn';
import { root } from '../../../support/paths';

const TOP = '/home/ann/shop';
const FILES = [
  'cart/cart.go',
  'cart/cart_test.go',
  'cart/total.py',
  'lib/broken.rs',
  'lib/lib.rs',
  'lib/main.c',
  'lib/sum.c',
  'main.go',
  'src/broken.mjs',
  'src/cart.mjs',
  'src/price.ts',
  'test/cart.test.mjs',
  'test/price.test.ts',
  'tests/test_broken.py',
  'tests/test_syntax.py',
  'tests/test_total.py',
  'tests/unit_total.py',
];
const there = new Set(FILES.map((file) => `${TOP}/${file}`));

/** One line for each problem. */
const read = (text: string, top = TOP, isFile = (file: string): boolean => there.has(file)): string[] =>
  problemsIn(text, { top, source: 'check', isFile }).map(
    ({ file, line, column, severity, message }) =>
      `${file}:${line}${column === undefined ? '' : `:${column}`} ${severity}: ${message.replaceAll('\n', ' | ')}`,
  );
const fixture = (name: string): string => fs.readFileSync(path.join(root, 'test/fixtures/checks', name), 'utf8');

const TYPESCRIPT = [
  "src/price.ts:2:9 error: TS2322: Type 'string' is not assignable to type 'number'.",
  "src/price.ts:3:3 error: TS2322: Type 'number' is not assignable to type 'string'.",
  "src/price.ts:6:26 error: TS2322: Type 'number' is not assignable to type 'string'.",
  "src/price.ts:8:13 error: TS2322: Type '(n: string) => void' is not assignable to type '(n: number) => void'." +
    " |   Types of parameters 'n' and 'n' are incompatible. |     Type 'number' is not assignable to type 'string'.",
];
const STACKS = [
  'test/cart.test.mjs:5:10 error: AssertionError [ERR_ASSERTION]: Expected values to be strictly equal: 3 !== 4',
  "test/cart.test.mjs:11:10 error: TypeError [Error]: Cannot read properties of undefined (reading 'items')",
];
const PYTEST = ['tests/test_total.py:5 error: assert 0 == 1', "cart/total.py:2 error: KeyError: 'price'"];

/** What real programs printed, and the problems in it: no test that passed or may fail, no place twice. */
const FIXTURES: Readonly<Record<string, readonly string[]>> = {
  'tsc.txt': TYPESCRIPT,
  'tsc-pretty.txt': TYPESCRIPT,
  'eslint.txt': [
    'src/broken.mjs:1:23 error: Parsing error: Unexpected token ;',
    "src/cart.mjs:3:13 error: Expected '===' and instead saw '==' (eqeqeq)",
    "src/cart.mjs:4:10 error: 'itms' is not defined (no-undef)",
    "src/cart.mjs:2:9 warning: 'left' is assigned a value but never used (no-unused-vars)",
  ],
  'node-tap.txt': [
    'test/cart.test.mjs:5:10 error: Expected values to be strictly equal: 3 !== 4',
    "test/cart.test.mjs:11:10 error: Cannot read properties of undefined (reading 'items')",
  ],
  'node-spec.txt': STACKS,
  'node-junit.txt': STACKS,
  'vitest.txt': [
    'test/price.test.ts:5:19 error: AssertionError: expected 3 to be 4 // Object.is equality',
    'test/price.test.ts:8:11 error: TypeError: no price',
  ],
  'pytest.txt': PYTEST,
  'pytest-short.txt': PYTEST,
  'pytest-line.txt': PYTEST,
  'pytest-collect.txt': [
    "tests/test_broken.py:1 error: ModuleNotFoundError: No module named 'nothing_of_this_name'",
    'tests/test_syntax.py:1 error: SyntaxError: invalid syntax',
  ],
  'pytest-junit.txt': [
    'tests/test_total.py:4 error: assert 0 == 1 |  +  where 0 = total([])',
    "tests/test_total.py:8 error: KeyError: 'price'",
  ],
  'unittest.txt': ['tests/unit_total.py:7 error: AssertionError: 0 != 1'],
  'cargo-test.txt': [
    'lib/lib.rs:17:9 error: no stock',
    'lib/lib.rs:12:9 error: assertion `left == right` failed | left: 3 | right: 4',
    'lib/lib.rs:2:9 warning: unused variable: `unused`',
  ],
  'rustc.txt': [
    'lib/broken.rs:2:21 error: mismatched types [E0308]',
    'lib/broken.rs:3:5 error: cannot find function `missing` in this scope [E0425]',
  ],
  'gcc.txt': [
    'lib/sum.c:3:14 error: ‘b’ undeclared (first use in this function)',
    'lib/main.c:1:10 error: none.h: No such file or directory',
    'lib/sum.c:2:7 warning: unused variable ‘unused’ [-Wunused-variable]',
    'lib/sum.c:4:1 warning: control reaches end of non-void function [-Wreturn-type]',
  ],
};

describe('problems in the output of real programs', () => {
  test('each fixture is read here', () => {
    const names = fs.readdirSync(path.join(root, 'test/fixtures/checks')).filter((name) => name.endsWith('.txt'));
    expect(names.sort()).toEqual(Object.keys(FIXTURES).sort());
  });

  test.each(Object.entries(FIXTURES))('%s', (name, problems) => {
    expect(read(fixture(name))).toEqual(problems);
    expect(read(fixture(name).replaceAll('\n', '\r\n'))).toEqual(problems);
  });
});

/** Formats of programs that the machine did not have, as their documentation shows them. */
const DOCUMENTED: readonly (readonly [name: string, text: string, ...problems: string[]])[] = [
  [
    'go build and go vet',
    '# example.com/shop\n./main.go:5:2: undefined: total\nvet: cart/cart.go:7:3: missing return\n',
    'main.go:5:2 error: undefined: total',
    'cart/cart.go:7:3 error: missing return',
  ],
  [
    'go test, where the package names the folder',
    '--- FAIL: TestTotal (0.00s)\n    cart_test.go:12: got 3, want 4\nFAIL\nFAIL\texample.com/shop/cart\t0.01s\n',
    'cart/cart_test.go:12 error: got 3, want 4',
  ],
  [
    'go test -v, without what a passing test tells',
    '=== RUN   TestA\n    cart_test.go:5: fine\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n    cart_test.go:9: bad\n' +
      '--- FAIL: TestB (0.00s)\nFAIL\tshop/cart\t0.01s\n',
    'cart/cart_test.go:9 error: bad',
  ],
  ['go test, a package that passes', '    cart_test.go:12: by the way\nok  \texample.com/shop/cart\t0.01s\n'],
  [
    'a panic of Go',
    'panic: no stock\n\ngoroutine 7 [running]:\nruntime.panic()\n\t/usr/go/src/panic.go:9 +0x1d\nshop.Total()\n' +
      `\t${TOP}/cart/cart.go:12 +0x1d\n`,
    'cart/cart.go:12 error: panic: no stock',
  ],
  ['MSBuild', 'src\\price.ts(4,9): warning CS0168: never used', 'src/price.ts:4:9 warning: CS0168: never used'],
  [
    "ESLint's unix format",
    `${TOP}/src/cart.mjs:2:9: never used [Warning/no-unused-vars]`,
    'src/cart.mjs:2:9 warning: never used [Warning/no-unused-vars]',
  ],
  [
    'a panic before Rust 1.73',
    "thread 'tests::x' panicked at 'no stock', lib/lib.rs:17:9",
    'lib/lib.rs:17:9 error: no stock',
  ],
  [
    'tape',
    'not ok 1 should be equal\n  ---\n    operator: equal\n    at: Test.<anonymous> (/home/ann/shop/test/cart.test.mjs:5:10)\n  ...\n',
    'test/cart.test.mjs:5:10 error: should be equal',
  ],
  [
    'JUnit with a stack in CDATA, and a skipped test',
    '<testsuite><testcase name="a"><failure message="no"><![CDATA[Error: a < b\n    at x (test/cart.test.mjs:5:1)]]></failure></testcase>' +
      '<testcase name="b" file="main.go"><skipped/><failure message="x"/></testcase>' +
      '<testcase name="c" file="main.go"><error message="&lt;none&gt;"/></testcase></testsuite>',
    'test/cart.test.mjs:5:1 error: Error: a < b',
    'main.go:1 error: <none>',
  ],
  [
    'mypy',
    'cart/total.py:2: error: Name "x" is not defined  [name-defined]\ncart/total.py:2: note: see above',
    'cart/total.py:2 error: Name "x" is not defined  [name-defined]',
  ],
  [
    'the second run of two',
    '[weld] First run, exit 1:\nmain.go:1:1: first\n\n[weld] Second run, exit 1:\nmain.go:2:1: second\n',
    'main.go:2:1 error: second',
  ],
];

test.each(DOCUMENTED)('%s', (_name, text, ...problems) => {
  expect(read(text)).toEqual(problems);
});

describe('names of files', () => {
  test.each([
    ['outside', '/etc/passwd:1:1: x'],
    ['outside by dots', '../shop2/main.go:1:1: x\n/home/ann/shop/../x/main.go:1:1: x'],
    ['beside, with the same beginning', '/home/ann/shopping/main.go:1:1: x'],
    ['missing', 'missing.go:1:1: x'],
    ["in Weld's and git's folders, and of others", '.weld/a.c:1:1: x\n.git/a.c:1:1: x\nnode_modules/a/b.c:1:1: x'],
    ['on another system', 'C:\\home\\main.go:1:1: x'],
    ['a time', '12:30:45: started\nhttp://localhost:3000: listening'],
    ['line 0', 'main.go:0:1: x'],
  ])('%s: left out', (_name, text) => {
    // Everything is a file but what is called missing: what is outside must not count even so.
    expect(read(text, TOP, (file) => /\.\w+$|passwd$/u.test(file) && !file.includes('missing'))).toEqual([]);
  });

  test('on Windows', () => {
    const top = 'C:\\Users\\ann\\shop';
    const isFile = (file: string): boolean => file.toLowerCase() === 'c:\\users\\ann\\shop\\src\\price.ts';
    const text = [
      'src\\price.ts(1,5): error TS1: a',
      'c:\\users\\ann\\shop\\src\\price.ts:2:5: error: b',
      'Error: c',
      '    at x (file:///C:/Users/ann/shop/src/price.ts:3:5)',
      'C:\\Users\\ann\\shop\\src\\price.ts',
      '  4:5  error  d  rule',
      'D:\\Users\\ann\\shop\\src\\price.ts:5:5: e',
    ].join('\r\n');
    expect(read(text, top, isFile)).toEqual([
      'src/price.ts:1:5 error: TS1: a',
      'src/price.ts:2:5 error: b',
      'src/price.ts:3:5 error: Error: c',
      'src/price.ts:4:5 error: d (rule)',
    ]);
  });

  test('a link that leads out is outside', () => {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(process.env['TMPDIR'] ?? '/tmp', 'weld-problems-')));
    try {
      const top = path.join(folder, 'top');
      fs.mkdirSync(top);
      fs.mkdirSync(path.join(folder, 'other'));
      for (const name of ['top/a.c', 'other/b.c']) fs.writeFileSync(path.join(folder, name), '');
      fs.symlinkSync('../other', path.join(top, 'link'));
      const text = 'a.c:1:1: x\nlink/b.c:1:1: x\nnone.c:1:1: x';
      expect(problemsIn(text, { top, source: 'c' }).map(({ file }) => file)).toEqual(['a.c']);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

test('errors come before warnings, and the list has an end', () => {
  const lines = Array.from({ length: 400 }, (_, n) => `main.go:${n + 1}:1: ${n < 300 ? 'warning' : 'error'}: x`);
  const problems = problemsIn(lines.join('\n'), { top: TOP, source: 'c', isFile: () => true });
  expect(problems).toHaveLength(MOST_PROBLEMS);
  expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(100);
});

describe('whatever the text', () => {
  /** Pieces that the readers look for. */
  const piece = fc.constantFrom(
    ...[
      'main.go',
      ':1',
      ':2:',
      '(3,4)',
      ': ',
      'error',
      'warning',
      ' TS1: x',
      '\n',
      '\r\n',
      '\u001B[31m',
      'not ok 1 - a',
    ],
    ...['\n---\n', '...', 'stack: |-', 'Error: x', ' at ', '(', ')', '❯ ', 'E   ', 'File "main.go", line 1', '\t', '/'],
    ...['<testsuite>', '</testsuite>', '<testcase ', '<failure>', '"', '&#1;', 'panic: x', 'FAIL\t', '--> ', '    '],
    ...["thread 'x' panicked at ", '../', 'file:///', '%zz', '[weld] Second run, exit ', '\u0000', '\uD800'],
  );
  const text = fc.array(fc.oneof({ weight: 4, arbitrary: piece }, fc.string({ unit: 'binary' })), { maxLength: 80 });

  test('problems are of files that are there, with sound places and words', () => {
    fc.assert(
      fc.property(text, (pieces) => {
        const problems = problemsIn(pieces.join(''), { top: TOP, source: 'c', isFile: (file) => there.has(file) });
        for (const { file, line, column, message } of problems) {
          expect(FILES).toContain(file);
          expect(line).toBeGreaterThan(0);
          expect(column ?? 1).toBeGreaterThan(0);
          expect(message).toMatch(/\S/u);
          expect(message).not.toMatch(/[^\P{Cc}\n]/u);
        }
      }),
      { numRuns: 500 },
    );
  });

  /** CPU time in ms, the least of three. */
  const cost = (subject: string): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const start = process.cpuUsage();
        problemsIn(subject, { top: TOP, source: 'c', isFile: () => true });
        const { user, system } = process.cpuUsage(start);
        return (user + system) / 1000;
      }),
    );
  const SIZE = 200_000;
  const filled = (unit: string): string => unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE);
  /** Lines that are just short enough to be read whole. */
  const long = (unit: string): string => filled(`${unit.repeat(Math.ceil(1_900 / unit.length))}\n`);

  test.each([
    ...[
      'a:1',
      '((1,1',
      '\u001B[',
      '\u001B;a',
      '\u001B]8;;',
      ' ',
      '\t',
      'a b',
      'E   ',
      '&#',
      '"',
      "', ",
      'at ((',
      '1-1.',
    ],
    ...[
      '<testcase name="',
      '<testsuite>',
      '</testsuite>',
      '<failure',
      '<![CDATA[',
      '❯ a:1:1',
      'file://',
      'C:\\',
      '# todo',
    ],
  ])('long lines of %j take no more than their length', (unit) => {
    // A pattern that tries each character against each other took more than twenty times as long.
    const most = 5 * cost(filled('some ordinary line of output\n')) + 20;
    expect(cost(long(unit))).toBeLessThan(most);
    expect(cost(`<testsuite>${long(unit)}</testsuite>`)).toBeLessThan(most);
  });

  test.each([
    ...[
      '\n',
      'Error: a\n',
      'panic: a\n',
      'not ok 1 - a\n---\n',
      '    a.go:1: x\n',
      'E   x\na.py:1: in x\n',
      'a.ts(1,1): error x\n  y\n',
    ],
    ...[
      "thread 'a' panicked at a:1:1:\n",
      'x\n  1:1  error  a  b\n',
      '    a.go:1: x\nFAIL\ta/b/c/d/e/f/g\t1\n',
      'error: x\n --> a:1:1\n',
    ],
  ])('many lines of %j take no more than their number', (unit) => {
    const ratio = cost(filled(unit)) / Math.max(2, cost(filled(unit).slice(0, SIZE / 4)));
    expect(ratio).toBeLessThan(12); // four times the text; sixteen would be its square
  });
});
