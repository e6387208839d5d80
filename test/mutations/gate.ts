import type { Edit, Mutation } from './mutation';

/** Where bubblewrap is there, nothing of Weld's can be reached to begin with. */
const SHUT_IN: Edit = { file: 'src/core/guard/door.ts', text: "if (mode.kind === 'noticed') return start", instead: 'if (request.cwd.length > 0) return start' };

/** Gate and evidence: what is judged cannot reach what judges it. */
export const GATE: readonly Mutation[] = [
  {
    row: 'A1a', rule: 'iterations of somebody else never count, also when a check makes them', suite: 'unit', also: [SHUT_IN],
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'as an iteration of its own never counts',
    file: 'src/core/steps/progress.ts', text: 'return (n) => n < first || own.includes(n);', instead: 'return (n) => n < first || n > 0;',
  },
  {
    row: 'A1b', rule: 'iterations of somebody else are named and set aside', suite: 'unit',
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'as iteration 2 counts for nothing',
    file: 'src/core/steps/progress.ts', text: 'return (n) => n < first || own.includes(n);', instead: 'return (n) => n < first || n > 0;',
  },
  {
    row: 'A2a', rule: 'what a guest removed of runs is put back', suite: 'unit',
    test: 'test/unit/core/steps/trespass.test.ts', tests: 'removes all runs',
    file: 'src/core/guard/custody.ts', text: 'await putBack(project, lock, guest.label, before, now, signal);', instead: '{ violations: [], warnings: [] };',
  },
  {
    row: 'A2b', rule: 'what a clean-up of the tree removed is put back', suite: 'unit',
    test: 'test/unit/core/guard/noticed.test.ts', tests: 'cleans the tree: all is put back',
    file: 'src/core/guard/putBack.ts', text: "[...undo.filter(({ status }) => status !== 'added'), ...markers]", instead: '[...markers]',
  },
  {
    row: 'A2c', rule: 'the lock that a clean-up removed is held on, and the loop goes on', suite: 'unit',
    test: 'test/unit/core/steps/trespass.test.ts', tests: 'removes everything that git ignores',
    file: 'src/core/guard/putBack.ts', text: 'const cleanedUp = whole && undo.length > 0', instead: 'const cleanedUp = whole && undo.length < 0',
  },
  {
    row: 'A3a', rule: 'a verdict that somebody has changed cannot be waived', suite: 'unit',
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'as a waiver in its own verdict',
    file: 'src/core/steps/waive.ts', text: "if (sealed && found !== sealed.digests['issues.json'])", instead: "if (sealed && found === '')",
  },
  {
    row: 'A3b', rule: 'a waiver counts only where Weld wrote it down', suite: 'unit', deep: true,
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'as a waiver in an earlier verdict',
    file: 'src/core/steps/feedback.ts', text: 'if (known.includes(digestOf(text))) return verdict;', instead: 'if (known.length > 0) return verdict;',
  },
  {
    row: 'A3c', rule: 'the record of a step is what Weld wrote, or the next loop stops', suite: 'unit',
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'as the record of the step does not change',
    file: 'src/core/steps/tidy.ts', text: 'if (seals.record !== null && seals.record !== recordDigest(step.record))', instead: "if (seals.record === '')",
  },
  {
    row: 'A3d', rule: 'checks and plan that change meanwhile are named', suite: 'unit', deep: true,
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'as its checks runs all the same',
    file: 'src/core/steps/opened.ts', text: '.filter(([name, digest]) => now.get(name) !== digest)', instead: '.filter(([, digest]) => now.size === 0 && digest)',
  },
  {
    row: 'A3e', rule: 'an operation asks the reviewer that it began with', suite: 'unit', deep: true,
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'as another reviewer is not asked',
    file: 'src/core/steps/ask.ts', text: 'op.project.agent(question.task, op.person, it.work.config)', instead: 'op.project.agent(question.task, op.person)',
  },
  {
    row: 'A3f', rule: 'the tree that a step began with is put back', suite: 'unit', deep: true,
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'as the tree that the step began with',
    file: 'src/core/steps/tidy.ts', text: 'if (held.get(name) === oid) continue;', instead: 'if (held.get(name) === oid || name !== oid) continue;',
  },
  {
    row: 'A4a', rule: 'what checks changed is captured, checked and reviewed', suite: 'unit',
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'checks that change files pass once',
    file: 'src/core/steps/phases/check.ts', text: 'if (!tree || seen.tree === tree)', instead: "if (!tree || seen.tree !== '')",
  },
  {
    row: 'A4b', rule: 'checks that change files each time do not pass', suite: 'unit', deep: true,
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'do not pass when they change them each time',
    file: 'src/core/steps/phases/check.ts', text: 'unsettled = second.changed;', instead: 'unsettled = [];',
  },
  {
    row: 'A4c', rule: 'what passed is committed from git, and not from the disk', suite: 'unit',
    test: 'test/unit/core/git/passed.test.ts', tests: 'is never read from the disk again',
    file: 'src/core/git/commit-index.ts', text: 'await putEntries(git, index, what.entries, tree);',
    instead: 'await bringIn(git, index, { take: what.entries.map((each) => each.path), drop: [] }, signal);',
  },
  {
    row: 'A4d', rule: 'a commit says which files are not as they were reviewed', suite: 'unit',
    test: 'test/unit/core/runs/commit/passed.test.ts', tests: 'says which files are not as they were reviewed',
    file: 'src/core/runs/commit/reviewed.ts', text: '.map((file) => file.path).filter((path) => !isWeldPath(path, ignoreCase));',
    instead: '.map((file) => file.path).filter(() => ignoreCase === null);',
  },
  {
    row: 'A5', rule: 'git shows no other object in the place of one', suite: 'unit',
    test: 'test/unit/core/git/true-content.test.ts', tests: 'no other object is read in the place of one',
    file: 'src/core/git/run-git.ts', text: '...TRUE_OBJECTS, ...extra', instead: '...extra',
  },
  {
    row: 'A6a', rule: 'two verdicts that differ are none', suite: 'unit',
    test: 'test/unit/core/steps/verdict/clear.test.ts', tests: 'another verdict before a pass',
    file: 'src/core/steps/verdict/parse.ts', text: 'if (found.some(({ value }) => JSON.stringify(value)', instead: 'if (found.some(({ value }) => value === null && JSON.stringify(value)',
  },
  {
    row: 'A6b', rule: 'a fail in another notation makes a pass unreadable', suite: 'unit',
    test: 'test/unit/core/steps/verdict/clear.test.ts', tests: 'before a pass|behind a pass',
    file: 'src/core/steps/verdict/parse.ts', text: 'if (reading.verdict.pass && fails)', instead: "if (reading.verdict.pass && fails && text === '')",
  },
  {
    row: 'A6c', rule: 'loud thinking is no verdict', suite: 'unit',
    test: 'test/unit/core/steps/verdict/clear.test.ts', tests: 'thinking that never ends',
    file: 'src/core/steps/verdict/parse.ts', text: 'const quoted = betweenTags(text, all);', instead: 'const quoted = betweenTags("", all);',
  },
  {
    row: 'A6d', rule: 'a quotation is no verdict', suite: 'unit',
    test: 'test/unit/core/steps/verdict/parse.test.ts', tests: 'after an example that is quoted as such',
    file: 'src/core/steps/verdict/parse.ts', text: "withoutQuotations(answer.replace(/^\\uFEFF/u, '').replaceAll('\\r\\n', '\\n'))",
    instead: "answer.replace(/^\\uFEFF/u, '').replaceAll('\\r\\n', '\\n')",
  },
  {
    row: 'A7a', rule: 'the gate judges what was read, not what stands on the disk by now', suite: 'unit', deep: true,
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'did not by replacing issues.json',
    file: 'src/core/steps/phases/verdict.ts', text: 'await writeText(lock, paths.issues, text);',
    instead: 'await writeText(lock, paths.issues, text); await new Promise((resume) => setTimeout(resume, 500));'
      + " it.memory.issues = JSON.parse((await import('node:fs')).readFileSync(paths.issues, 'utf8'));",
    also: [{ file: 'src/core/steps/phases/verdict.ts', text: 'if (changed === null) return written;', instead: "if (changed !== '') return written;" }],
  },
  {
    row: 'A7b', rule: 'a pass counts only while its files are as they were sealed', suite: 'unit', deep: true,
    test: 'test/unit/core/steps/tampering.test.ts', tests: 'keeps a step from counting by replacing a passing issues.json',
    file: 'src/core/steps/state/proof.ts', text: 'const changed = await changedSinceSealed(step, n, by, found);', instead: 'const changed = null;',
    also: [{ file: 'src/core/steps/phases/verdict.ts', text: 'if (changed === null) return written;', instead: "if (changed !== '') return written;" }],
  },
  {
    row: 'A8a', rule: 'a guest that is shut in ends with all that it started', suite: 'unit',
    test: 'test/unit/core/guard/prevented.test.ts', tests: 'leaves no program behind',
    file: 'src/core/guard/prevention/index.ts', text: "'--unshare-pid', ", instead: '',
  },
  {
    row: 'A8b', rule: 'a daemon is known by the mark that it bears', suite: 'unit',
    test: 'test/unit/core/process/programs.test.ts', tests: 'run cancel ends a daemon',
    file: 'src/core/process/family.ts', text: 'if (hasMarker(entry, this.marker)) this.welcome(entry);', instead: 'if (entry.pid < 0) this.welcome(entry);',
  },
  {
    row: 'A8c', rule: 'a child is known by its parent where it has no mark', suite: 'unit',
    test: 'test/unit/core/process/programs.test.ts', tests: 'run cancel ends one without the marker',
    file: 'src/core/process/family.ts', text: 'if (this.members.has(entry.parent) || this.sessions.has(entry.session))', instead: 'if (this.members.has(-1))',
  },
  {
    row: 'A9', rule: 'no attributes decide how a patch shows text', suite: 'unit',
    test: 'test/unit/core/git/true-content.test.ts', tests: 'text is shown as text .*attributes|in a file of its own',
    file: 'src/core/git/diff.ts', text: 'withBareView(git, gitDir, oid(from), (view) => plainPatch(view, from, to, atMost))', instead: 'plainPatch(git, from, to, atMost)',
  },
  {
    row: 'A10a', rule: 'a plan that changes while a guest works is named', suite: 'unit',
    test: 'test/unit/core/guard/noticed.test.ts', tests: 'weakens the plan',
    file: 'src/core/guard/putBack.ts', text: '...(texts.length === 0 ? [] : [', instead: '...(texts.length >= 0 ? [] : [',
  },
  {
    row: 'A10b', rule: 'what .weld ignores is put back', suite: 'unit',
    test: 'test/unit/core/guard/noticed.test.ts', tests: 'edits .weld/.gitignore',
    file: 'src/core/guard/putBack.ts', text: '/^%2egitignore$|^runs', instead: '/^runs',
  },
  {
    row: 'A11', rule: 'a nested repository is kept with its .git', suite: 'unit',
    test: 'test/unit/core/guard/noticed.test.ts', tests: 'works beside a nested repository|a nested repository is whole',
    file: 'src/core/git/weld-look.ts', text: 'if (stat?.isDirectory()) folders.push', instead: "if (entry === '.git') continue; if (stat?.isDirectory()) folders.push",
  },
  {
    row: 'A12', rule: "a person's own files below .weld are kept", suite: 'unit', deep: true,
    test: 'test/unit/core/guard/noticed.test.ts', tests: "works beside a person's own files",
    file: 'src/core/git/weld-names.ts', text: "'staging', 'cache']", instead: "'staging', 'cache', 'notes.md', 'prompts', 'recordings']",
  },
  {
    row: 'A13a', rule: 'operators without blanks around them are no words', suite: 'unit',
    test: 'test/unit/core/checks/words.test.ts', tests: 'splitCommand refuses',
    file: 'src/core/config/command.ts', text: "';&|<>()'.includes(character)", instead: "word === null && ';&|<>()'.includes(character)",
  },
  {
    row: 'A13b', rule: 'a command of several lines is refused', suite: 'unit',
    test: 'test/unit/core/checks/words.test.ts', tests: 'splitCommand refuses',
    file: 'src/core/config/command.ts', text: 'if (/[\\r\\n]/u.test(text))', instead: 'if (/[\\r\\n]$/u.test(text))',
  },
  {
    row: 'A13c', rule: 'a backslash in double quotes is taken as in POSIX', suite: 'unit',
    test: 'test/unit/core/checks/words.test.ts', tests: 'splitCommand',
    file: 'src/core/config/command.ts', text: "if (character === '\\\\' && ESCAPED_IN_QUOTES", instead: "if (character === '' && ESCAPED_IN_QUOTES",
  },
  {
    row: 'A13d', rule: 'a check of a name that JavaScript keeps for itself is refused', suite: 'unit',
    test: 'test/unit/core/config/load.test.ts', tests: 'a name that JavaScript would lose',
    file: 'src/core/config/check.ts', text: "if (name === '__proto__') return", instead: "if (name === '') return",
  },
  {
    row: 'A14', rule: 'runs of backquotes are counted one after the other', suite: 'unit',
    test: 'test/unit/core/steps/prompts/parts.test.ts', tests: 'takes a moment, however many runs',
    file: 'src/core/steps/prompts/parts.ts', text: 'let longest = 2;', instead: 'let longest = Math.max(2, ...Array.from(text.matchAll(/`+/gu), (run) => run[0].length));',
  },
  {
    row: 'A15a', rule: 'a file that is saved in the last moment is kept', suite: 'unit',
    test: 'test/unit/core/git/restore-safely.test.ts', tests: 'one saved between the look and the write .in its place',
    file: 'src/core/git/exchange.ts', text: 'if ((await looksOf(place)) !== look) throw savedMeanwhile(file);', instead: '',
    also: [{ file: 'src/core/git/exchange.ts', text: "if (moved === 'renamed' && (await looksOf(aside)) !== look) throw savedMeanwhile(file);", instead: '' }],
  },
  {
    row: 'A15b', rule: 'a file that is new in the last moment is never written over', suite: 'unit',
    test: 'test/unit/core/git/restore-safely.test.ts', tests: 'one saved between the look and the write .as a new file',
    file: 'src/core/git/placing.ts', text: 'await fs.link(from, to);', instead: 'await fs.rename(from, to);',
    also: [{ file: 'src/core/git/exchange.ts', text: 'if ((await looksOf(place)) !== null) await fs.rmdir(place);', instead: '' }],
  },
  {
    row: 'A15c', rule: 'a folder that is swapped for a link is not followed', suite: 'unit',
    test: 'test/unit/core/git/restore-safely.test.ts', tests: 'a folder swapped for a link leads nowhere .new.txt',
    file: 'src/core/git/placing.ts', text: 'constants.O_RDONLY | constants.O_DIRECTORY | (constants.O_NOFOLLOW ?? 0)', instead: 'constants.O_RDONLY | constants.O_DIRECTORY',
  },
  {
    row: 'A15d', rule: 'a folder that was looked at is held open until it is written to', suite: 'unit',
    test: 'test/unit/core/artifacts/plain.test.ts', tests: 'a folder that is swapped for a link after it was looked at',
    file: 'src/core/artifacts/plain.ts', text: 'return numbered ? byNumber(root, names, make) : byName', instead: 'return byName',
  },
];
