import { anyOf } from '../../util/patterns';
import { wordSet } from '../../util/text';
import type { Lexis } from './mask';

/** A word in code that skips or focuses a test, or expects it to fail. */
export interface Marker {
  readonly kind: 'skipped' | 'focused' | 'expected to fail';
  /** Applied to masked code. */
  readonly pattern: RegExp;
  /** Occurs inside a test. It applies only under a condition if code precedes it there. */
  readonly inside?: boolean;
  /** Has a condition under which it applies. */
  readonly sometimes?: boolean;
}

/** How tests are written in a language. */
export interface Language {
  readonly lexis: Lexis;
  /**
   * Finds the beginning of a test in masked code. The first group that matched is the test's name; without one, the
   * name is read from the text that follows.
   */
  readonly tests: RegExp;
  /** Where a test's body is: in the call's parentheses, in braces, or indented below. */
  readonly body: 'call' | 'braces' | 'indent';
  readonly markers: readonly Marker[];
  readonly assertions: RegExp;
  /** Matches code that turns one test into several, such as a table. */
  readonly tables: RegExp;
  /** Whether any file may contain tests, beside the code that they test. */
  readonly anywhere?: boolean;
}

const C_COMMENTS = { line: ['//'], block: [['/*', '*/']] } as const;
const C: Lexis = { ...C_COMMENTS, quotes: ['"""', '"', "'"], characters: true };
const HASH: Lexis = { line: ['#'], block: [], quotes: ['"""', "'''", '"', "'"] };

const skipped = (pattern: RegExp, more: Partial<Marker> = {}): Marker => ({ kind: 'skipped', pattern, ...more });
const focused = (pattern: RegExp): Marker => ({ kind: 'focused', pattern });
const inside = { inside: true } as const;
const NO_TABLES = /(?!)/gu;

/** Matches `it`, `test` and similar names with their modifiers, which `readScriptTest` interprets. */
const script: Language = {
  lexis: { ...C_COMMENTS, quotes: ['"', "'", '`'], script: true },
  tests: /(?<![.\w$])(?:[xf]?(?:it|test|describe|context)|x?specify|suite|pending|Deno\.test)(?:\.\w+)*\s*(?=[(<`])/gu,
  body: 'call',
  markers: [
    skipped(/\b(?:this|t|ctx|context|testInfo)\.skip\s*\(/gu, inside),
    skipped(/(?<![.\w$])pending\s*\(\s*\)/gu, inside),
    skipped(/[{,]\s*(?:skip|todo|ignore)\s*:\s*true\b/gu),
    focused(/[{,]\s*only\s*:\s*true\b/gu),
  ],
  assertions: anyOf(
    /(?<![\w$])(?:expect|assert)\w*\s*[.(<]|\.should\b|\bshould\s*\./gu,
    /\bt\.(?:is|not|ok|notOk|equal|same|deepEqual|like|throws|throwsAsync)\s*\(/gu,
    /\bt\.(?:true|false|truthy|falsy|pass|regex|snapshot)\s*\(/gu,
  ),
  tables: /\.(?:each|for)\b/gu,
};

const python: Language = {
  lexis: HASH,
  tests: /^[ \t]*(?:async[ \t]+)?def[ \t]+(test\w*)/gmu,
  body: 'indent',
  markers: [
    skipped(
      anyOf(
        /\bpytest\.mark\.skip\b(?!if)|@(?:unittest\.)?skip\s*\(|\braise\s+(?:unittest\.)?SkipTest\b/gmu,
        /\b__test__\s*=\s*False\b|^[ \t]*collect_ignore\w*\s*=/gmu,
      ),
    ),
    skipped(/\bpytest\.mark\.skipif\b|@(?:unittest\.)?skip(?:If|Unless)\b/gu, { sometimes: true }),
    skipped(/\bpytest\.skip\s*\(|\bself\.skipTest\s*\(/gu, inside),
    { kind: 'expected to fail', pattern: /\bpytest\.mark\.xfail\b|@(?:unittest\.)?expectedFailure\b/gu },
  ],
  assertions: /\bassert\b|\bself\.(?:assert|fail)\w*\s*\(|\bpytest\.(?:raises|warns)\b|\.assert_\w+\s*\(/gu,
  tables: /\bparametrize\b|\bsubTest\b/gu,
};

const go: Language = {
  lexis: { ...C_COMMENTS, quotes: ['`', '"', "'"], characters: true },
  tests: /^func[ \t]+((?:Test|Fuzz|Example)\w*)\s*\(/gmu,
  body: 'braces',
  markers: [skipped(/\b[tbf]\.Skip(?:f|Now)?\s*\(/gu, inside)],
  assertions:
    /\b[tbf]\.(?:Errorf?|Fatalf?|Fail(?:Now)?)\s*\(|\b(?:assert|require|is|qt|g|Expect)\s*[.(]|\bcmp\.Diff\b/gu,
  tables: /\bt\.Run\s*\(/gu,
};

const rust: Language = {
  lexis: { ...C_COMMENTS, quotes: ['"', "'"], characters: true },
  tests: /#\[(?:\w+::)?(?:test|rstest|quickcheck|test_case)\b/gu,
  body: 'braces',
  markers: [skipped(/#\[ignore\b/gu), skipped(/#\[cfg_attr\([^\]\n]*\bignore\b/gu, { sometimes: true })],
  assertions: /\b(?:debug_)?assert\w*!|\bpanic!|\.unwrap\(\)|\.expect\(|\?;/gu,
  tables: /#\[case\b/gu,
  anywhere: true,
};

const java: Language = {
  lexis: C,
  tests: /@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property)\b/gu,
  body: 'braces',
  markers: [
    skipped(/@(?:Disabled|Ignore)\b|\benabled\s*=\s*false\b/gu),
    skipped(/@(?:Disabled|Enabled)(?:If|On|For)\w*/gu, { sometimes: true }),
    skipped(/\bassume(?:True|False|That)\s*\(/gu, inside),
  ],
  assertions: /\b(?:assert|verify|expect|check|fail)\w*\s*[({]|\.should\w*|\bshould(?:Be|Throw|Have|Contain)\w*/gu,
  tables: /@(?:ParameterizedTest|TestFactory)\b/gu,
};

const csharp: Language = {
  lexis: C,
  tests: /\[\s*(?:Fact|Theory|Test|TestMethod|DataTestMethod|TestCase|SkippableFact)\b/gu,
  body: 'braces',
  markers: [
    skipped(/\[\s*Ignore\b|\[\s*Explicit\b|\bSkip\s*=(?!\s*null\b)/gu),
    skipped(/\bAssert\.(?:Ignore|Inconclusive|Skip)\s*\(/gu, inside),
  ],
  assertions: /\bAssert\w*\s*[.(]|\.Should\w*\s*\(|\.Verify\w*\s*\(/gu,
  tables: /\[\s*(?:Theory|TestCase|InlineData|DataRow)\b/gu,
};

const php: Language = {
  lexis: { line: ['//'], block: [['/*', '*/']], quotes: ['"', "'"] },
  tests: /\bfunction\s+(test\w*)\s*\(|#\[Test\b|(?<![\w$>:])(?:it|test)\s*\(/gu,
  body: 'braces',
  markers: [
    skipped(/\bmarkTest(?:Skipped|Incomplete)\s*\(/gu, inside),
    skipped(/->(?:skip|todo)\s*\(/gu),
    focused(/->only\s*\(/gu),
  ],
  assertions: /(?:->|::)(?:assert|expectException|fail)\w*\s*\(|(?<![\w$>:])expect\s*\(/gu,
  tables: /->with\s*\(|#\[DataProvider\b/gu,
};

const ruby: Language = {
  lexis: { line: ['#'], block: [['=begin', '=end']], quotes: ['"', "'"] },
  tests: /^[ \t]*(?:(?:x|f)?(?:it|specify|example|scenario)\b|test\b(?=[ (]+['"])|def[ \t]+(test_\w+))/gmu,
  body: 'indent',
  markers: [
    skipped(
      anyOf(
        /^[ \t]*x(?:it|specify|example|scenario|describe|context)\b/gmu,
        /,\s*(?:skip|pending):(?!\s*(?:false|nil)\b)|,\s*:(?:skip|pending)\b/gmu,
      ),
    ),
    skipped(/^[ \t]*(?:skip|pending)\b(?!\s*=)/gmu, inside),
    focused(/^[ \t]*f(?:it|specify|example|scenario|describe|context)\b|,\s*:focus\b|,\s*focus:\s*true/gmu),
  ],
  assertions: /\bexpect\b|\bassert\w*|\brefute\w*|\bmust_\w+|\.should\b|\bis_expected\b/gu,
  tables: NO_TABLES,
};

const elixir: Language = {
  lexis: HASH,
  tests: /^[ \t]*test\b(?=[ (]+")/gmu,
  body: 'indent',
  markers: [skipped(/@(?:module|describe)?tag\s+:?skip\b/gu)],
  assertions: /\b(?:assert|refute)\w*/gu,
  tables: NO_TABLES,
};

const swift: Language = {
  lexis: C,
  tests: /\bfunc\s+(test\w*)\s*\(|@Test\b/gu,
  body: 'braces',
  markers: [
    skipped(/\bthrow\s+XCTSkip\b/gu, inside),
    skipped(/\bXCTSkip(?:If|Unless)\s*\(/gu, { sometimes: true }),
    skipped(/\.disabled\s*\(/gu),
    { kind: 'expected to fail', pattern: /\bXCTExpectFailure\b|\bwithKnownIssue\b/gu },
  ],
  assertions: /\bXCT(?:Assert|Fail|Unwrap)\w*|#(?:expect|require)\b/gu,
  tables: /\barguments\s*:/gu,
};

const dart: Language = {
  lexis: { ...C_COMMENTS, quotes: ['"""', "'''", '"', "'"] },
  tests: /(?<![.\w$])(?:test|testWidgets)\s*(?=\()/gu,
  body: 'call',
  markers: [skipped(/@Skip\s*\(|\bskip\s*:(?!\s*(?:false|null)\b)/gu), focused(/\bsolo\s*:\s*true\b/gu)],
  assertions: /(?<![\w$])(?:expect|verify|fail)\w*\s*\(/gu,
  tables: NO_TABLES,
};

const cpp: Language = {
  lexis: { ...C_COMMENTS, quotes: ['"', "'"], characters: true },
  tests: /^[ \t]*(?:TYPED_)?TEST(?:_F|_P|_CASE|_METHOD)?\s*(?=\()|^[ \t]*(?:SCENARIO|BOOST_AUTO_TEST_CASE)\s*(?=\()/gmu,
  body: 'braces',
  markers: [skipped(/\bDISABLED_\w+/gu), skipped(/\bGTEST_SKIP\s*\(|\bSKIP\s*\(/gu, inside)],
  assertions: /\b(?:EXPECT|ASSERT|CHECK|REQUIRE|BOOST)_?\w*\s*\(|\bassert\s*\(/gu,
  tables: /\bTEST_P\b/gu,
};

const BY_ENDING: readonly (readonly [RegExp, Language])[] = [
  [/\.(?:[cm]?[jt]sx?|vue|svelte)$/iu, script],
  [/\.py$/iu, python],
  [/\.go$/iu, go],
  [/\.rs$/iu, rust],
  [/\.(?:java|kts?|groovy|scala)$/iu, java],
  [/\.(?:cs|vb|fs)$/iu, csharp],
  [/\.php$/iu, php],
  [/\.rb$/iu, ruby],
  [/\.exs$/iu, elixir],
  [/\.swift$/iu, swift],
  [/\.dart$/iu, dart],
  [/\.(?:c|cc|cpp|cxx|h|hpp|mm?)$/iu, cpp],
];

/** Returns the language of a file, or null if its tests cannot be recognized. */
export function languageOf(path: string): Language | null {
  return BY_ENDING.find(([ending]) => ending.test(path))?.[1] ?? null;
}

const FOLDERS = wordSet('test tests __tests__ spec specs e2e cypress unittests uitests');
const MATERIAL_OF_TESTS = wordSet('fixtures __fixtures__ testdata test-data test_data __mocks__ __snapshots__');
const MATERIAL = new Set([...MATERIAL_OF_TESTS, 'fixture', 'snapshots', 'node_modules', 'vendor', 'third_party']);
const NAME = /(?:^|[._-])(?:tests?|specs?|cy|e2e)[._-]|^(?:conftest)\.py$|(?:Tests?|Spec|IT|TestCase)\.\w+$/u;

/** Whether a file belongs to tests: a test, a shared helper, or data. @param path with forward slashes */
export function isAmongTests(path: string): boolean {
  return (
    isTestFile(path) ||
    path
      .toLowerCase()
      .split('/')
      .slice(0, -1)
      .some((folder) => FOLDERS.has(folder) || MATERIAL_OF_TESTS.has(folder))
  );
}

/** Whether a file may contain tests; data that tests read does not count. @param path with forward slashes */
export function isTestFile(path: string): boolean {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  const folders = parts.map((part) => part.toLowerCase());
  if (folders.some((folder) => MATERIAL.has(folder))) return false;
  return NAME.test(name) || folders.some((folder) => FOLDERS.has(folder) || /(?:^|[._-])tests?$/u.test(folder));
}
