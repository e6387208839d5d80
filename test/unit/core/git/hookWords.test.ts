import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whyHookFailed } from '../../../../src/core/git/hooks';

const PRE_COMMIT = `trim trailing whitespace.................................................Passed
flake8...................................................................Failed
- hook id: flake8
- exit code: 1

app.py:1:1: F401 'os' imported but unused
app.py:9:80: E501 line too long

check yaml...............................................................Passed
`;
const FORMATTED = `black....................................................................Failed
- hook id: black
- files were modified by this hook

check yaml...........................................(no files to check)Skipped
`;
const MISSING = `eslint...................................................................Failed
- hook id: eslint
- exit code: 1

Executable \`eslint\` not found

mypy.....................................................................Passed
`;
const LINT_STAGED = `✔ Preparing lint-staged...
⚠ Running tasks for staged files...
  ❯ package.json — 1 file
    ❯ *.js — 1 file
      ✖ eslint --fix [FAILED]
↓ Skipped because of errors from tasks.
✔ Reverting to original state because of errors...
✔ Cleaning up temporary files...

✖ eslint --fix:

/home/me/project/a.js
  1:1  error  'x' is not defined  no-undef

✖ 1 problem (1 error, 0 warnings)

husky - pre-commit script failed (code 1)
`;

describe('what a failed hook printed', () => {
  test.each([
    ['the last line', 'first\nlint: 3 errors\n', 'lint: 3 errors'],
    ['nothing', '', 'it printed nothing'],
    ['pre-commit', PRE_COMMIT, "flake8: app.py:1:1: F401 'os' imported but unused"],
    [
      'pre-commit with colours',
      PRE_COMMIT.replaceAll('Failed', '\u001b[41mFailed\u001b[m'),
      "flake8: app.py:1:1: F401 'os' imported but unused",
    ],
    ['pre-commit, which formatted', FORMATTED, 'black: files were modified by this hook'],
    [
      'pre-commit, which formatted beside what is not staged',
      `[WARNING] Unstaged files detected.\n[INFO] Stashing unstaged files to ` +
        `/home/me/.cache/patch1.\n${FORMATTED.split('\n\n', 1)[0] ?? ''}\n\n[INFO] Restored ` +
        'changes from ' +
        `/home/me/.cache/patch1.\n`,
      'black: files were modified by this hook',
    ],
    ['pre-commit, a program missing', MISSING, 'eslint: Executable `eslint` not found'],
    ['lint-staged', LINT_STAGED, "eslint --fix: 1:1 error 'x' is not defined no-undef"],
    [
      'lint-staged, a program missing',
      '✔ Preparing lint-staged...\n❯ Running tasks for staged files...\n✖ prettier failed without output ' +
        '(ENOENT).\n✔ Cleaning up temporary files...\n',
      'prettier failed without output (ENOENT).',
    ],
    [
      'husky',
      'src/a.ts(1,1): error TS2304: Cannot find name\nhusky - pre-commit script failed (code 2)\n',
      'src/a.ts(1,1): error TS2304: Cannot find name',
    ],
    [
      'husky without a program',
      '.husky/pre-commit: 1: npx: not found\nhusky - command not found in PATH=/usr/bin\n',
      '.husky/pre-commit: 1: npx: not found',
    ],
    [
      'git-lfs missing',
      "\nThis repository is configured for Git LFS but 'git-lfs' was not found on your path. If you no longer " +
        'wish to use Git LFS, remove this hook by deleting ' +
        "the 'pre-push' " +
        'file.\n\nmore\n',
      "This repository is configured for Git LFS but 'git-lfs' was not found on your path. If you no longer " +
        'wish to use Git LFS, remove this hook by deleting the ' +
        "'pre-push' file.",
    ],
    [
      'an interpreter missing',
      "/usr/bin/env: 'python3.9': No such file or directory\nsomething else\n",
      "/usr/bin/env: 'python3.9': No such file or directory",
    ],
    [
      'an interpreter with CRLF',
      '/usr/bin/env: ‘node\\r’: No such file or directory\n/usr/bin/env: use -[v]S to pass options in shebang lines\n',
      '/usr/bin/env: ‘node\\r’: No such file or directory (a script has Windows line ends; save it with LF)',
    ],
    [
      'npm',
      'npm ERR! code ELIFECYCLE\nnpm ERR! errno 1\nnpm ERR! Missing script: "lint"\nnpm ERR! \nnpm ERR! A ' +
        'complete log of this run can be found in:\nnpm ERR!     ' +
        '/home/me/.npm/_logs/x.log\n',
      'Missing script: "lint"',
    ],
    [
      'a stack',
      "node:internal/modules/cjs/loader:1\n  throw err;\n  ^\n\nError: Cannot find module 'x'\nRequire " +
        'stack:\n    at Module._load (node:internal)\n  code: ' +
        "'MODULE_NOT_FOUND'\n}\n\nNode.js v20.1.0\n",
      "Error: Cannot find module 'x'",
    ],
    ['make', 'cc: error: a.c: No such file\nmake: *** [Makefile:2: lint] Error 1\n', 'cc: error: a.c: No such file'],
  ])('%s', (_, output, why) => {
    expect(whyHookFailed(output)).toBe(why);
  });

  test('is one short line at once, whatever it is', () => {
    const piece = fc.constantFrom(
      '....',
      'Failed',
      '✖ ',
      ':',
      'npm ERR! ',
      '\n',
      '    at x',
      'error',
      '\u001b[',
      '\r',
      ' ',
      '- hook id',
      'lint-staged',
      'git-lfs',
      'not found',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
        const why = whyHookFailed(pieces.join(''));
        expect(why.length).toBeLessThanOrEqual(300);
        expect(why).not.toMatch(/[\n\r]/u);
      }),
    );
    const started = performance.now();
    for (const bad of [
      '.',
      ' ',
      '✖ ',
      '\u001b[',
      'git-lfs ',
      'not found: ',
      'Error',
      '\r',
      'npm ERR! ',
      '/usr/bin/env: ',
    ])
      whyHookFailed(bad.repeat(1_000_000 / bad.length));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
