import type { Mutation } from './mutation';

/** Git: nothing is lost, hidden or said of another than it is. */
export const GIT: readonly Mutation[] = [
  {
    row: 'C1', rule: 'no part is committed in the midst of a merge and the like', suite: 'unit',
    test: 'test/unit/core/git/underway.test.ts', tests: 'a part is not committed',
    file: 'src/core/git/commit-index.ts', text: "if (what !== 'staged' && what !== 'all') refusePart(now);", instead: 'if (request === null) refusePart(now);',
  },
  {
    row: 'C2a', rule: 'a byte that is no UTF-8 is kept in a name', suite: 'unit',
    test: 'test/unit/core/git/names.test.ts', tests: 'any bytes come back',
    file: 'src/core/git/names.ts', text: "if (isUtf8(buffer)) return buffer.toString('utf8');", instead: "if (isUtf8(buffer) || buffer.length > 0) return buffer.toString('utf8');",
  },
  {
    row: 'C2b', rule: 'git is given the bytes of a name', suite: 'unit',
    test: 'test/unit/core/git/names-everywhere.test.ts', tests: 'names that are no UTF-8',
    file: 'src/core/git/run-git.ts', text: '? encodeName(options.input)', instead: '? options.input',
  },
  {
    row: 'C3a', rule: 'a nested repository is named as left out', suite: 'unit',
    test: 'test/unit/core/git/left-out.test.ts', tests: 'what no tree can hold is named a nested repository$',
    file: 'src/core/git/worktree.ts', text: "leftOut.push({ path: path.slice(0, -1), why: 'nested repository' });", instead: '',
  },
  {
    row: 'C3b', rule: 'work in a submodule that no commit has is named', suite: 'unit',
    test: 'test/unit/core/git/left-out.test.ts', tests: 'work in a submodule that no commit of it has',
    file: 'src/core/git/capture.ts', text: 'await changedSubmodules(this.git, work, submodules);', instead: '[] as string[];',
  },
  {
    row: 'C4', rule: 'trailers stand in a paragraph of their own at the end', suite: 'unit',
    test: 'test/unit/core/git/message.test.ts', tests: 'a message with trailers',
    file: 'src/core/git/message.ts', text: 'block.length < lines.length && isTrailers(block)', instead: 'block.length < lines.length',
  },
  {
    row: 'C4b', rule: 'no line of a message is taken for a comment', suite: 'unit', deep: true,
    test: 'test/unit/core/git/message.test.ts', tests: 'committed with settings of the person (stripping|cleaning)',
    file: 'src/core/git/commit.ts', text: "'--cleanup=whitespace', ", instead: '',
  },
  {
    row: 'C5', rule: 'a message is UTF-8 whatever the person has set', suite: 'unit', deep: true,
    test: 'test/unit/core/git/message.test.ts', tests: 'committed with settings of the person another encoding',
    file: 'src/core/git/commit.ts', text: "'-c', 'i18n.commitEncoding=UTF-8', ", instead: '',
  },
  {
    row: 'C6a', rule: 'a kept capture counts only while its rules stand', suite: 'unit',
    test: 'test/unit/core/git/capture.test.ts', tests: 'a file that a new rule',
    file: 'src/core/git/capture.ts', text: 'return now.lasting && now.digest === rules;', instead: "return now.digest !== '' || rules === '';",
  },
  {
    row: 'C6b', rule: 'what is captured is what a fresh capture has', suite: 'unit', deep: true,
    test: 'test/unit/core/git/captureHistory.test.ts', tests: 'does not depend on what was captured before',
    file: 'src/core/git/capture.ts', text: 'return now.lasting && now.digest === rules;', instead: "return now.digest !== '' || rules === '';",
  },
  {
    row: 'C7a', rule: 'a rename in case alone is seen', suite: 'unit',
    test: 'test/unit/core/git/case.test.ts', tests: 'a rename in case alone is captured',
    file: 'src/core/git/status.ts', text: 'ignoreCase ? await inOtherCase(git, status, options) : []', instead: '[] as CaseRename[]',
  },
  {
    row: 'C7b', rule: 'a rename in case alone can be restored', suite: 'unit',
    test: 'test/unit/core/git/case.test.ts', tests: 'and a restore gives the old names back',
    file: 'src/core/git/restore.ts', text: "return ignores ? (name) => name.normalize('NFC').toLowerCase() : (name) => name;", instead: 'return ignores ? (name) => name : (name) => name;',
  },
  {
    row: 'C8a', rule: 'a file that has become a pipe is left out, and the rest captured', suite: 'unit',
    test: 'test/unit/core/git/left-out.test.ts', tests: 'a tracked file that has become a FIFO',
    file: 'src/core/git/untracked.ts', text: "|| folder ? null : 'not a file'", instead: '|| folder ? null : null',
  },
  {
    row: 'C8b', rule: 'files that git refuses keep no others out', suite: 'unit',
    test: 'test/unit/core/git/left-out.test.ts', tests: 'files that git refuses to convert',
    file: 'src/core/git/worktree.ts', text: "if (!(error instanceof WeldError) || error.code !== 'GIT_FAILED' || NO_FAULT", instead: "if (error !== null || NO_FAULT",
  },
  {
    row: 'C9', rule: 'a restore that fails takes back what it did', suite: 'unit',
    test: 'test/unit/core/git/restore-safely.test.ts', tests: 'takes back what it did',
    file: 'src/core/git/exchange.ts', text: 'for (const undo of back.reverse()) await undo().catch(() => undefined);', instead: '',
  },
  {
    row: 'C10a', rule: 'of what a hook printed the line is shown that says why', suite: 'unit',
    test: 'test/unit/core/git/hook-words.test.ts', tests: 'what a failed hook printed',
    file: 'src/core/git/hook-words.ts', text: 'for (const teller of TELLERS) {', instead: 'for (const teller of TELLERS.slice(TELLERS.length)) {',
  },
  {
    row: 'C10b', rule: 'a hook that cannot run at all says so', suite: 'unit',
    test: 'test/unit/core/git/hook-file.test.ts', tests: 'a hook with an interpreter that is not there',
    file: 'src/core/git/commit.ts', text: '(await whyHookCannotRun(top, output)) ?? whyHookFailed(output)', instead: 'whyHookFailed(output)',
  },
  {
    row: 'C10c', rule: 'git-lfs that is missing is named', suite: 'unit',
    test: 'test/unit/core/git/hook-file.test.ts', tests: 'git-lfs that is missing',
    file: 'src/core/git/failures.ts', text: 'if (lines.some(saysLfsMissing)) return', instead: 'if (lines.length === 0) return',
  },
  {
    row: 'C10d', rule: 'a script whose interpreter is missing says so', suite: 'unit',
    test: 'test/unit/core/process/resolve.test.ts', tests: 'run a script whose interpreter is missing',
    file: 'src/core/process/programs.ts', text: 'found === undefined ? null : missingInterpreter(found)', instead: 'null',
  },
  {
    row: 'C11a', rule: 'a patch that is too large names the file', suite: 'unit',
    test: 'test/unit/core/git/largest.test.ts', tests: 'names the file that makes it so',
    file: 'src/core/git/largest.ts', text: 'if (!(error instanceof AnswerTooLarge)) throw error;', instead: 'if (error !== null) throw error;',
  },
  {
    row: 'C11b', rule: 'a file that is only to be added one day counts as not staged', suite: 'unit', deep: true,
    test: 'test/unit/core/git/passed.test.ts', tests: 'takes a file that is only to be added one day',
    file: 'src/core/git/tree-entries.ts', text: '--ita-invisible-in-index', instead: '--ita-visible-in-index',
  },
  {
    row: 'C11c', rule: 'HEAD that is detached where it was is told by its places', suite: 'unit', deep: true,
    test: 'test/unit/core/steps/trespass.test.ts', tests: 'leaves the branch where it is',
    file: 'src/core/guard/repository.ts', text: 'if (before.sha === after.sha) {', instead: 'if (before.sha === undefined) {',
  },
];
