import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileChange } from '../../../../../src/core/steps/conditions/finding';
import { testFindings } from '../../../../../src/core/steps/conditions/tests';
import { change, created, deleted } from './changes';

const JS =
  `import { expect, it } from 'vitest';\nit('adds', () => {\n  expect(add(1, ` +
  `2)).toBe(3);\n});\nit('subtracts', ` +
  `() => {\n  expect(sub(3, 2)).toBe(1);\n});\n`;
const js = (from: string, to: string): FileChange => {
  if (!JS.includes(from)) throw new Error(`no ${from}`);
  return change('test/math.test.ts', JS, JS.replace(from, to));
};
const PY =
  'import pytest\n\ndef test_adds():\n    assert add(1, 2) == 3\n\ndef test_subtracts():\n    assert sub(3, 2) == 1\n';
const py = (from: string, to: string): FileChange => change('tests/test_math.py', PY, PY.replace(from, to));
const GO = 'package m\n\nfunc TestAdds(t *testing.T) {\n\tif add(1, 2) != 3 {\n\t\tt.Fatal("no")\n\t}\n}\n';
const go = (from: string, to: string): FileChange => change('m/math_test.go', GO, GO.replace(from, to));
const RS =
  'pub fn add() {}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(add(1, 2), ' +
  '3);\n    }\n}\n';
const JAVA = 'class MathTest {\n  @Test\n  void adds() {\n    assertEquals(3, add(1, 2));\n  }\n}\n';
const CS = 'public class MathTests {\n  [Fact]\n  public void Adds() {\n    Assert.Equal(3, Add(1, 2));\n  }\n}\n';
const RB = "RSpec.describe Math do\n  it 'adds' do\n    expect(add(1, 2)).to eq 3\n  end\nend\n";
const SWIFT = 'final class MathTests: XCTestCase {\n  func testAdds() {\n    XCTAssertEqual(add(1, 2), 3)\n  }\n}\n';
const PHP =
  '<?php\nclass MathTest extends TestCase {\n  public function testAdds() {\n    $this->assertSame(3, add(1, ' +
  '2));\n  }\n}\n';
const KT = 'class MathTest {\n  @Test\n  fun `adds numbers`() {\n    assertEquals(3, add(1, 2))\n  }\n}\n';
const EX = 'defmodule MathTest do\n  test "adds" do\n    assert add(1, 2) == 3\n  end\nend\n';
const DART = "void main() {\n  test('adds', () {\n    expect(add(1, 2), 3);\n  });\n}\n";
const CPP = 'TEST(Math, Adds) {\n  EXPECT_EQ(add(1, 2), 3);\n}\n';

const said = (changes: readonly FileChange[], text: string | null = null): string[] =>
  testFindings(changes, text).map(({ path, what }) => `${path} ${what}`);

describe('tests that a step took away', () => {
  it.each<[string, FileChange, RegExp]>([
    ['a file with tests is deleted', deleted('test/math.test.ts', JS), /was deleted, with 2 tests$/],
    ['a test is skipped', js("it('adds'", "it.skip('adds'"), /has 1 test skipped: "adds"/],
    ['a test is skipped in a chain', js("it('adds'", "it.concurrent.skip('adds'"), /skipped: "adds"/],
    ['a test gets an x', js("it('adds'", "xit('adds'"), /skipped: "adds"/],
    ['a test becomes something to do', js("it('adds'", "it.todo('adds'"), /skipped: "adds"/],
    ['a test is skipped by option', js("'adds', () =>", "'adds', { skip: true }, () =>"), /skipped: "adds"/],
    ['a test skips itself at once', js('=> {\n  expect(add', '=> {\n  this.skip();\n  expect(add'), /skipped: "adds"/],
    [
      'a playwright test skips itself',
      js('=> {\n  expect(add', '=> {\n  test.skip();\n  expect(add'),
      /1 test skipped/,
    ],
    ['a test is skipped under a condition that is new', js("it('adds'", "it.skipIf(true)('adds'"), /skipped: "adds"/],
    [
      'a group is skipped',
      change('test/a.test.ts', `describe('math', () => {\n${JS}});\n`, `describe.skip('math', () => {\n${JS}});\n`),
      /skipped: "math"/,
    ],
    [
      'a group gets an x',
      change('test/a.test.ts', `describe('math', () => {\n${JS}});\n`, `xdescribe('math', () => {\n${JS}});\n`),
      /skipped: "math"/,
    ],
    ['a test is left alone in the run', js("it('adds'", "it.only('adds'"), /has 1 test focused: "adds"/],
    ['a test is focused by its name', js("it('adds'", "fit('adds'"), /focused: "adds"/],
    ['a test is to fail', js("it('adds'", "it.fails('adds'"), /expected to fail: "adds"/],
    [
      'a skipped test is added',
      change('test/math.test.ts', JS, `${JS}it.skip('divides', () => { expect(div(4, 2)).toBe(2); });\n`),
      /skipped: "divides"/,
    ],
    ['a body is emptied', js('\n  expect(add(1, 2)).toBe(3);\n', ''), /has 1 test emptied: "adds"/],
    ['a body is only a comment', js('expect(add(1, 2)).toBe(3);', '// expect(add(1, 2)).toBe(3);'), /emptied: "adds"/],
    ['an assertion is about nothing', js('expect(add(1, 2)).toBe(3);', 'expect(true).toBe(true);'), /emptied: "adds"/],
    ['a test returns at once', js('expect(add(1, 2)', 'return;\n  expect(add(1, 2)'), /emptied: "adds"/],
    [
      'a test is emptied under a new title',
      js("it('adds', () => {\n  expect(add(1, 2)).toBe(3);", "it('adds numbers', () => {"),
      /emptied: "adds"/,
    ],
    ['a test is removed', js("it('adds', () => {\n  expect(add(1, 2)).toBe(3);\n});\n", ''), /has lost 1 test: "adds"/],
    [
      'a test is commented out',
      change(
        'test/math.test.ts',
        JS,
        JS.replace(/it\('adds[^]*?\}\);\n/u, (test) => `/*${test}*/\n`),
      ),
      /has lost 1 test: "adds"/,
    ],
    [
      'a test gives way to another one',
      js("it('adds', () => {\n  expect(add(1, 2)).toBe(3);", "it('renders the page', () => {\n  mount(page);"),
      /has lost 1 test: "adds"/,
    ],
    [
      'all tests are removed',
      change('test/math.test.ts', JS, "import { expect, it } from 'vitest';\n"),
      /no longer has any of its 2 tests/,
    ],
    [
      'assertions vanish',
      change('test/a.test.ts', JS, JS.replace(/expect\((.*)\)\.toBe\(\d\)/gu, 'log($1, "as it should be")')),
      /no longer has an assertion/,
    ],
    ['pytest skips', py('def test_adds', '@pytest.mark.skip(reason="later")\ndef test_adds'), /skipped: "test_adds"/],
    [
      'pytest expects a failure',
      py('def test_adds', '@pytest.mark.xfail\ndef test_adds'),
      /expected to fail: "test_adds"/,
    ],
    ['pytest skips inside', py('    assert add', '    pytest.skip("later")\n    assert add'), /skipped: "test_adds"/],
    ['unittest skips', py('def test_adds', '@unittest.skip("later")\ndef test_adds'), /skipped: "test_adds"/],
    ['a module is skipped', py('import pytest\n', 'import pytest\npytestmark = pytest.mark.skip\n'), /1 test skipped/],
    ['python passes', py('assert add(1, 2) == 3', 'pass'), /emptied: "test_adds"/],
    ['python asserts the truth', py('assert add(1, 2) == 3', 'assert True'), /emptied: "test_adds"/],
    ['a python test is gone', py('def test_adds():\n    assert add(1, 2) == 3\n', ''), /has lost 1 test: "test_adds"/],
    ['a python file is deleted', deleted('pkg/test_math.py', PY), /was deleted, with 2 tests/],
    ['go skips', go('\tif add', '\tt.Skip("later")\n\tif add'), /skipped: "TestAdds"/],
    ['go empties', go('\tif add(1, 2) != 3 {\n\t\tt.Fatal("no")\n\t}\n', ''), /emptied: "TestAdds"/],
    ['rust ignores', change('src/math.rs', RS, RS.replace('#[test]', '#[test]\n    #[ignore]')), /skipped: "adds"/],
    [
      'rust empties',
      change('src/math.rs', RS, RS.replace('assert_eq!(add(1, 2), 3);', 'assert!(true);')),
      /emptied: "adds"/,
    ],
    ['rust loses its tests', change('src/math.rs', RS, 'pub fn add() {}\n'), /no longer has any of its 1 test/],
    [
      'junit disables',
      change('src/test/java/MathTest.java', JAVA, JAVA.replace('@Test', '@Test\n  @Disabled("later")')),
      /skipped: "adds"/,
    ],
    [
      'junit 4 ignores',
      change('src/test/java/MathTest.java', JAVA, JAVA.replace('@Test', '@Ignore\n  @Test')),
      /skipped: "adds"/,
    ],
    [
      'junit empties',
      change('src/test/java/MathTest.java', JAVA, JAVA.replace('assertEquals(3, add(1, 2));', 'assertTrue(true);')),
      /emptied: "adds"/,
    ],
    [
      'kotlin ignores',
      change('src/test/kotlin/MathTest.kt', KT, KT.replace('@Test', '@Ignore @Test')),
      /skipped: "adds numbers"/,
    ],
    [
      'xunit skips',
      change('tests/MathTests.cs', CS, CS.replace('[Fact]', '[Fact(Skip = "later")]')),
      /skipped: "Adds"/,
    ],
    [
      'nunit ignores',
      change('tests/MathTests.cs', CS, CS.replace('[Fact]', '[Fact]\n  [Ignore("later")]')),
      /skipped: "Adds"/,
    ],
    ['rspec gets an x', change('spec/math_spec.rb', RB, RB.replace("it 'adds'", "xit 'adds'")), /skipped: "adds"/],
    [
      'rspec is pending',
      change('spec/math_spec.rb', RB, RB.replace('    expect', '    pending\n    expect')),
      /skipped: "adds"/,
    ],
    ['rspec focuses', change('spec/math_spec.rb', RB, RB.replace("it 'adds'", "fit 'adds'")), /focused: "adds"/],
    [
      'rspec empties',
      change('spec/math_spec.rb', RB, RB.replace('    expect(add(1, 2)).to eq 3\n', '')),
      /emptied: "adds"/,
    ],
    [
      'xctest skips',
      change(
        'Tests/MathTests.swift',
        SWIFT,
        SWIFT.replace('    XCTAssert', '    throw XCTSkip("later")\n    XCTAssert'),
      ),
      /skipped: "testAdds"/,
    ],
    [
      'phpunit skips',
      change(
        'tests/MathTest.php',
        PHP,
        PHP.replace('    $this->assert', '    $this->markTestSkipped();\n    $this->assert'),
      ),
      /skipped: "testAdds"/,
    ],
    ['exunit skips', change('test/math_test.exs', EX, EX.replace('  test', '  @tag :skip\n  test')), /skipped: "adds"/],
    [
      'dart skips',
      change('test/math_test.dart', DART, DART.replace('  });', "  }, skip: 'later');")),
      /skipped: "adds"/,
    ],
    ['googletest disables', change('test/math_test.cc', CPP, CPP.replace('Adds', 'DISABLED_Adds')), /1 test skipped/],
  ])('%s', (_name, one, what) => {
    expect(said([one])).toEqual([expect.stringMatching(what)]);
  });

  it('counts what several files lose, though another one gains', () => {
    const more =
      `it('multiplies large numbers', () => { expect(mul(1e9, 2)).toBe(2e9); });\nit('rounds', () => { ` +
      `expect(round(1.5)).toBe(2); });\n`;
    expect(
      said([js("it('adds', () => {\n  expect(add(1, 2)).toBe(3);\n});\n", ''), created('test/new.test.ts', more)]),
    ).toEqual([expect.stringContaining('has lost 1 test: "adds"')]);
  });

  it('asks again when the same file changes once more', () => {
    const keys = ['// once\n', '// twice\n'].map(
      (end) =>
        testFindings([change('test/math.test.ts', JS, `${JS.replace("it('adds'", "it.skip('adds'")}${end}`)], null)[0]
          ?.key,
    );
    expect(new Set(keys).size).toBe(2);
  });
});

describe('tests are left in peace where', () => {
  it.each<[string, FileChange[], string?]>([
    [
      'a test is added',
      [change('test/math.test.ts', JS, `${JS}it('multiplies', () => { expect(mul(2, 2)).toBe(4); });\n`)],
    ],
    [
      'dart says that it is not skipped',
      [change('test/a_test.dart', DART, DART.replace('  });', '  }, skip: false);'))],
    ],
    [
      'rspec says that it is not pending',
      [change('a_spec.rb', RB, RB.replace("'adds' do", "'adds', pending: false do"))],
    ],
    ['xunit says that it is not skipped', [change('tests/A.cs', CS, CS.replace('[Fact]', '[Fact(Skip = null)]'))]],
    ['a test is written anew', [js('expect(add(1, 2)).toBe(3)', 'expect(add(2, 2)).toBe(4)')]],
    ['a test gets another title', [js("it('adds'", "it('adds two numbers'")]],
    ['a test gets another title and the same body', [js("it('adds'", "it('gives the sum'")]],
    ['a skipped test runs again', [change('test/a.test.ts', JS.replace("it('adds'", "it.skip('adds'"), JS)]],
    [
      'a test was skipped before',
      [
        change(
          'test/a.test.ts',
          JS.replace("it('adds'", "it.skip('adds'"),
          `${JS.replace("it('adds'", "it.skip('adds'")}\n// more\n`,
        ),
      ],
    ],
    [
      'a skipped test moves to another file',
      [
        deleted('test/a.test.ts', JS.replace("it('adds'", "it.skip('adds'")),
        created('test/b.test.ts', JS.replace("it('adds'", "it.skip('adds'")),
      ],
    ],
    ['a file is moved', [deleted('test/a.test.ts', JS), created('test/math/a.test.ts', JS)]],
    ['a file is moved and changed', [deleted('test/a.test.ts', JS), created('test/math/a.test.ts', `${JS}// more\n`)]],
    [
      'a file is split',
      [
        deleted('test/a.test.ts', JS),
        created('test/add.test.ts', JS.slice(0, JS.indexOf("it('sub"))),
        created('test/sub.test.ts', JS.slice(JS.indexOf("it('sub"))),
      ],
    ],
    [
      'a test moves to another file',
      [
        js("it('adds', () => {\n  expect(add(1, 2)).toBe(3);\n});\n", ''),
        created('test/add.test.ts', JS.slice(0, JS.indexOf("it('sub"))),
      ],
    ],
    ['tests go with the code that they test', [deleted('test/math.test.ts', JS), deleted('src/math.ts')]],
    ['python tests go with their module', [deleted('tests/test_math.py', PY), deleted('pkg/math.py')]],
    ['the step says that they go', [deleted('test/math.test.ts', JS)], '- Delete `test/math.test.ts`'],
    [
      'the step says that a test goes',
      [js("it('adds', () => {\n  expect(add(1, 2)).toBe(3);\n});\n", '')],
      '- test/math.test.ts: remove the test of adding',
    ],
    [
      'single tests become a table',
      [
        change(
          'test/math.test.ts',
          JS,
          "it.each([[1, 2, 3], [3, -2, 1]])('%i and %i make %i', (a, b, sum) => { expect(add(a, b)).toBe(sum); });\n",
        ),
      ],
    ],
    [
      'single tests become a loop',
      [
        change(
          'test/math.test.ts',
          JS,
          `for (const [a, b] of PAIRS) it(\`adds \${a} and \${b}\`, () => { expect(add(a, b)).toBe(a + b); });\n`,
        ),
      ],
    ],
    [
      'a word stands in a comment',
      [change('test/math.test.ts', JS, `// it.skip('adds') was here, describe.only too\n${JS}`)],
    ],
    [
      'a word stands in a text',
      [
        change(
          'test/math.test.ts',
          JS,
          `${JS}it('reads', () => { expect(parse("it.skip('x', () => {})")).toBe(1); ` +
            `expect(read(\`\${name}.only('x')\`)).toBe(2); });\n`,
        ),
      ],
    ],
    [
      'a pattern has a quote',
      [change('test/math.test.ts', JS, `${JS}it('matches', () => { expect(/["'\`]/.test(x)).toBe(true); });\n`)],
    ],
    [
      'a pattern is tried',
      [change('test/math.test.ts', JS, `${JS}const found = /a/.test(text) || pattern.test(text);\n`)],
    ],
    ['a helper of tests is deleted', [deleted('test/support/server.ts', 'export const start = (): void => {};\n')]],
    ['a fixture with tests in it is deleted', [deleted('test/fixtures/sample.test.js', JS)]],
    ['code has a function of that name', [change('src/validate.ts', "test('x', () => {});\n", '')]],
    [
      'a new test is left out on some systems',
      [
        change(
          'test/math.test.ts',
          JS,
          `${JS}it.skipIf(process.platform === 'win32')('links', () => { expect(link()).toBe(1); });\n`,
        ),
      ],
    ],
    [
      'a new test skips itself where something is missing',
      [
        change(
          'test/math.test.ts',
          JS,
          `${JS}it('asks', (ctx) => { if (!online) ctx.skip(); expect(ask()).toBe(1); });\n`,
        ),
      ],
    ],
    [
      'assertions move into a helper',
      [change('test/math.test.ts', JS, JS.replaceAll(/expect\((.*)\)\.toBe\((\d)\)/gu, 'expectSame($1, $2)'))],
    ],
    ['one test calls a helper', [js('expect(add(1, 2)).toBe(3);', 'sums(add, [1, 2], 3);')]],
    [
      'go skips short runs in a new test',
      [
        change(
          'm/math_test.go',
          GO,
          `${GO}\nfunc TestLong(t *testing.T) {\n\tif testing.Short() {\n\t\tt.Skip("long")\n\t}\n\tif run() != ` +
            `1 {\n\t\tt.Fatal("no")\n\t}\n}\n`,
        ),
      ],
    ],
    [
      'pytest skips a new test on windows',
      [
        change(
          'tests/test_math.py',
          PY,
          `${PY}\n@pytest.mark.skipif(sys.platform == "win32", reason="links")\ndef test_links():\n    assert link()\n`,
        ),
      ],
    ],
    [
      'python gets a parametrized test',
      [
        change(
          'tests/test_math.py',
          PY,
          PY.replace(
            'def test_adds():\n    assert add(1, 2) == 3',
            '@pytest.mark.parametrize("a,b", [(1, 2)])\ndef test_adds_all(a, b):\n    assert add(a, b) == a + b',
          ),
        ),
      ],
    ],
    [
      'rust code changes beside its tests',
      [change('src/math.rs', RS, RS.replace('pub fn add() {}', "pub fn add<'a>(x: &'a str) -> char { 'x' }"))],
    ],
    ['a lock file changes', [change('package-lock.json', '{}', '{"a":1}')]],
    ['a document speaks of it.skip', [change('test/README.md', 'x', "it.skip('x')\n")]],
    [
      'a playwright file sets itself up',
      [
        change(
          'e2e/page.spec.ts',
          JS,
          `test.describe.configure({ mode: 'serial' });\ntest.beforeEach(async () => { await open(); });\n${JS}`,
        ),
      ],
    ],
  ])('%s', (_name, changes, text) => {
    expect(said(changes, text ?? null)).toEqual([]);
  });

  it('never throws, and finds nothing where nothing changed, whatever the text', () => {
    const path = fc.constantFrom(
      'test/a.test.ts',
      'tests/test_a.py',
      'a_test.go',
      'src/a.rs',
      'src/test/ATest.java',
      'spec/a_spec.rb',
      'tests/ATest.php',
      'test/a_test.dart',
      'test/a_test.exs',
      'Tests/ATests.swift',
      'test/a_test.cc',
      'tests/ATests.cs',
    );
    const piece = fc.oneof(
      fc.constantFrom(
        "it('a', () => {",
        '})',
        '`${',
        '}`',
        '"""',
        "'",
        '/*',
        '*/',
        '#',
        'def test_a():\n',
        '    pass\n',
        '@Test',
        '{',
        '}',
        'it.each',
        '(',
        ')',
        '<',
        '\\',
        '\n',
        '/',
      ),
      fc.string({ maxLength: 5 }),
    );
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(path, text, text, (file, before, after) => {
        expect(testFindings([change(file, before, before)], null)).toEqual([]);
        testFindings([change(file, before, after)], null);
      }),
      { numRuns: 500 },
    );
  });

  it('is quick on large files', () => {
    const large = JS.repeat(4_000) + '('.repeat(50_000) + 'it.each`'.repeat(2_000);
    const began = performance.now();
    testFindings([change('test/large.test.ts', large, `${large}\nit.skip('x', () => {});\n`)], null);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
