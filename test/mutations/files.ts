import type { Mutation } from './mutation';

/** Files, processes, secrets, and what configures agents. */
export const FILES: readonly Mutation[] = [
  {
    row: 'B1a', rule: 'no link below .weld is followed', suite: 'unit',
    test: 'test/unit/core/artifacts/plain.test.ts', tests: 'with a link at',
    file: 'src/core/artifacts/plain.ts', text: 'O_PATH | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW', instead: 'O_PATH | fs.constants.O_DIRECTORY',
  },
  {
    row: 'B1b', rule: 'only what Weld names is tidied', suite: 'unit',
    test: 'test/unit/core/artifacts/plain.test.ts', tests: 'what dead processes left goes by its own name only',
    file: 'src/core/artifacts/create.ts', text: 'names.filter((each) => STAGED.test(each))', instead: 'names',
  },
  {
    row: 'B2a', rule: 'only what a sealed record names is ended', suite: 'unit',
    test: 'test/unit/core/process/killed-host.test.ts', tests: 'a record that nobody sealed, whose pid',
    file: 'src/core/process/workers.ts', text: 'const here: Worker[] = [];', instead: 'const here: Worker[] = [...told.here];',
  },
  {
    row: 'B2b', rule: 'a mark counts as a whole value alone', suite: 'unit',
    test: 'test/unit/core/process/small-parts.test.ts', tests: 'a marker counts only as a whole value',
    file: 'src/core/process/table.ts', text: ".slice(name.length).split(',').includes(marker)", instead: '.slice(name.length).includes(marker)',
  },
  {
    row: 'B2c', rule: 'a process is known by its number and its start', suite: 'unit',
    test: 'test/unit/core/process/killed-host.test.ts', tests: 'does not touch a process that only has the recorded number',
    file: 'src/core/process/family.ts', text: 'entry.pid === this.first?.pid && this.first.startedAt === entry.startedAt', instead: 'entry.pid === this.first?.pid',
  },
  {
    row: 'B3a', rule: 'a variable before a command is walked once', suite: 'unit', hangs: true,
    test: 'test/unit/server/linear.test.ts', tests: 'quotes in a variable before another command',
    file: 'src/server/plan/programs.ts', text: 'VARIABLE.lastIndex = from;',
    instead: 'return /^[A-Za-z_]\\w*=(?:"[^"]*"|[^\\s])*\\s+/u.exec(text.slice(from))?.[0].length ?? 0; VARIABLE.lastIndex = from;',
  },
  {
    row: 'B3b', rule: 'marks that close a heading are walked once', suite: 'unit', hangs: true,
    test: 'test/unit/server/linear.test.ts', tests: 'tabs behind a step',
    file: 'src/core/plan/headings.ts', text: 'const end = text.trimEnd();', instead: "const end = text.replace(/(?:[ \\t]+#*)+$/u, '').trimEnd();",
  },
  {
    row: 'B4', rule: 'a reference to a specification is small', suite: 'unit',
    test: 'test/unit/core/artifacts/bounded.test.ts', tests: 'forty runs',
    file: 'src/core/artifacts/schemas.ts', text: '[SpecRefSchema, 64 * KB], ', instead: '[SpecRefSchema, 64 * KB * KB], ',
  },
  {
    row: 'B5', rule: 'a token in three parts is looked at once', suite: 'unit',
    test: 'test/unit/core/redact/redactor.test.ts', tests: 'takes a moment on a long text of "eyJ-"',
    file: 'src/core/redact/words.ts', text: '|eyJ[\\w-]*(?:\\.[\\w-]+)*)`', instead: '|eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]{8,})`',
  },
  {
    row: 'B6a', rule: 'a huge file below .weld is named, and not kept', suite: 'unit', deep: true,
    test: 'test/unit/core/guard/noticed.test.ts', tests: 'works beside a sparse file of 6 GB',
    file: 'src/core/git/weld-look.ts', text: 'else if (stat.size > MOST_KEPT) left.set', instead: 'else if (stat.size < 0) left.set',
  },
  {
    row: 'B6b', rule: 'nobody waits for the other end of a pipe', suite: 'unit',
    test: 'test/unit/core/artifacts/bounded.test.ts', tests: 'what a guest puts in the place of a file between look and read',
    file: 'src/core/artifacts/bounded.ts', text: 'constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)', instead: 'constants.O_RDONLY',
  },
  {
    row: 'B6c', rule: 'Stop ends what follows on a guest', suite: 'unit',
    test: 'test/unit/core/guard/stopped.test.ts', tests: 'a git diff-tree that hangs',
    file: 'src/core/guard/budget.ts', text: 'const STILL_MS = 1_500;', instead: 'const STILL_MS = 1_500_000;',
  },
  {
    row: 'B6d', rule: 'a file is read up to a limit', suite: 'unit',
    test: 'test/unit/core/artifacts/bounded.test.ts', tests: 'the limit is exact',
    file: 'src/core/artifacts/bounded.ts', text: 'get tooMany(): boolean { return this.size > this.most; }', instead: 'get tooMany(): boolean { return this.size > this.most + 1; }',
  },
  {
    row: 'B7', rule: 'a folder that may not be read stops no guest of other runs', suite: 'unit',
    test: 'test/unit/core/guard/noticed.test.ts', tests: 'one unreadable file or folder',
    file: 'src/core/git/weld-look.ts', text: "'ENOTDIR')) return [];\n    if (isErrno(error)) return null;", instead: "'ENOTDIR')) return [];",
  },
  {
    row: 'B8a', rule: 'what a check prints comes in without secrets', suite: 'unit',
    test: 'test/unit/core/process/redacted.test.ts', tests: 'comes in without secrets',
    file: 'src/core/process/programs.ts', text: 'const output = redactedOutput(request, env, log);', instead: 'const output = { request, result: (told: ProgramResult) => told };',
  },
  {
    row: 'B8b', rule: 'a command is logged without its secrets', suite: 'unit',
    test: 'test/unit/core/process/redacted.test.ts', tests: 'comes in without secrets',
    file: 'src/core/process/environment.ts', text: 'hideSecretWords(whole.slice(0, 2_000))', instead: 'whole.slice(0, 2_000)',
  },
  {
    row: 'B9a', rule: 'files are secret by their name', suite: 'unit',
    test: 'test/unit/core/git/secrets.test.ts', tests: 'looksSecret',
    file: 'src/core/git/secrets.ts', text: 'return SECRET_NAMES.some(', instead: 'return SECRET_NAMES.slice(0, 1).some(',
  },
  {
    row: 'B9b', rule: 'untracked files that are secret stay out of a tree', suite: 'unit',
    test: 'test/unit/core/git/capture.test.ts', tests: 'large and secret untracked files',
    file: 'src/core/git/untracked.ts', text: "if (looksSecret(file)) return 'secret';", instead: "if (looksSecret(file) && size < 0) return 'secret';",
  },
  {
    row: 'B10', rule: 'a program is started only with descriptors to spare', suite: 'unit',
    test: 'test/unit/core/process/descriptors.test.ts', tests: 'without a file descriptor to spare',
    file: 'src/core/process/direct.ts', text: 'assertDescriptors();', instead: '',
  },
  {
    row: 'B11', rule: 'the log of one program is bounded', suite: 'unit',
    test: 'test/unit/platform/boundedStream.test.ts', tests: 'leave a bounded log',
    file: 'src/platform/boundedStream.ts', text: 'const MOST = 256 * 1024;', instead: 'const MOST = Infinity;',
  },
  {
    row: 'B12a', rule: 'only absolute entries of the PATH count', suite: 'unit',
    test: 'test/unit/core/process/resolve.test.ts', tests: 'a bare name is never found through the PATH entry',
    file: 'src/core/process/resolve.ts', text: '.filter((entry) => path.isAbsolute(entry))', instead: '.filter((entry) => entry.length < 4_096)',
  },
  {
    row: 'B12b', rule: 'what Weld starts finds its programs as Weld does', suite: 'unit',
    test: 'test/unit/core/process/resolve.test.ts', tests: 'runs no ./git, and none below',
    file: 'src/core/process/programs.ts', text: '{ ...given } : withAbsolutePath(given)', instead: '{ ...given } : { ...given }',
  },
  {
    row: 'B13a', rule: "a recording does not reach git's folder by another name", suite: 'unit',
    test: 'test/unit/core/agents/replay.test.ts', tests: 'refuses the path',
    file: 'src/core/agents/edits.ts', text: "name.normalize('NFKC').replace(/\\p{Cf}/gu, '').toLowerCase().replace(/:[^]*/u, '')", instead: 'name.toLowerCase()',
  },
  {
    row: 'B13b', rule: 'a recording writes into no pipe', suite: 'unit',
    test: 'test/unit/core/agents/replay.test.ts', tests: 'refuses a pipe, a second name',
    file: 'src/core/agents/edits.ts', text: 'if (!stat.isFile() && !stat.isDirectory()) throw refuse', instead: 'if (stat.size < 0) throw refuse',
  },
  {
    row: 'B13c', rule: 'a recording writes through no hard link', suite: 'unit',
    test: 'test/unit/core/agents/replay.test.ts', tests: 'refuses a pipe, a second name',
    file: 'src/core/agents/edits.ts', text: 'if (stat.isFile() && stat.nlink > 1) throw refuse', instead: 'if (stat.size < 0) throw refuse',
  },
  {
    row: 'B14', rule: 'the packed extension has the notices of what it bundles', suite: 'unit',
    test: 'test/unit/notices.test.ts', tests: 'the packed extension holds the notices',
    file: 'package.json', text: 'tsx test/support/notices.ts && ', instead: '',
  },
  {
    row: 'F1a', rule: 'no agent starts with a configuration that a guest has changed', suite: 'unit',
    test: 'test/unit/core/steps/agentFiles.test.ts', tests: 'stops the loop before the next agent starts',
    file: 'src/core/steps/agentFiles.ts', text: 'if (changed.length > 0) {', instead: 'if (changed.length < 0) {',
  },
  {
    row: 'F1b', rule: 'files that configure agents are known whatever their letters', suite: 'unit',
    test: 'test/unit/core/agents/configFiles.test.ts', tests: 'files that configure agents .* is one',
    file: 'src/core/agents/configFiles.ts', text: "name.normalize('NFKC').replace(/\\p{Cf}/gu, '').toLowerCase()", instead: 'name',
  },
  {
    row: 'F1c', rule: 'Claude Code reads no settings of the repository', suite: 'unit',
    test: 'test/unit/core/agents/isolation.test.ts', tests: 'Claude Code edits with the settings of the user alone',
    file: 'src/core/agents/claude/index.ts', text: "'--setting-sources', request.access === 'edit' ? 'user' : '',", instead: "'--setting-sources', 'user,project,local',",
  },
  {
    row: 'F1d', rule: 'Codex trusts no repository', suite: 'unit',
    test: 'test/unit/core/agents/isolation.test.ts', tests: 'Codex trusts no repository',
    file: 'src/core/agents/codex/isolation.ts', text: 'trust_level="untrusted"', instead: 'trust_level="trusted"',
  },
  {
    row: 'F2a', rule: 'Claude Code may run the configured checks', suite: 'unit',
    test: 'test/unit/core/agents/isolation.test.ts', tests: 'an implementer may run exactly the configured checks',
    file: 'src/core/agents/claude/index.ts', text: "...(rules.length === 0 ? [] : ['--allowedTools', ...rules])", instead: '',
  },
  {
    row: 'F2b', rule: 'a check that a rule cannot express allows nothing', suite: 'unit',
    test: 'test/unit/core/agents/isolation.test.ts', tests: 'an implementer may run exactly the configured checks',
    file: 'src/core/agents/claude/allowed.ts', text: 'known.filter((command) => !IN_RULES.test(command)).map', instead: 'known.map',
  },
  {
    row: 'F7a', rule: 'a review by Codex starts no server', suite: 'unit',
    test: 'test/unit/core/agents/isolation.test.ts', tests: 'Codex trusts no repository',
    file: 'src/core/agents/codex/isolation.ts', text: "request.access === 'edit' ? [] : await configuredServers(env)", instead: "request.access !== '' ? [] : await configuredServers(env)",
  },
  {
    row: 'F7b', rule: 'a review by Claude Code starts no server', suite: 'unit',
    test: 'test/unit/core/agents/isolation.test.ts', tests: 'Claude Code edits with the settings of the user alone',
    file: 'src/core/agents/claude/index.ts', text: "'--strict-mcp-config', ", instead: '',
  },
];
