import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';

const FILES = [
  'a.txt',
  'A.txt',
  'dir/b.txt',
  'dir/c.log',
  'dir/in/d.txt',
  'Dir/b.txt',
  'new',
  'new/x.txt',
  'other/y.log',
] as const;
const FOLDERS = ['', 'dir', 'dir/in', 'new', 'other'] as const;
const IGNORED = [
  '',
  '*\n',
  '*.log\n',
  'b.txt\n',
  '/new\n',
  'dir/\n',
  '*\n!.gitignore\n',
  '!*.log\n',
  '.gitattributes\n',
  'in\n',
] as const;
const CONVERTED = [
  '',
  '* text=auto\n',
  '* text eol=crlf\n',
  '*.txt -text\n',
  '*.txt text eol=lf\n',
  '[attr]odd text\n*.txt odd\n',
  '*.txt ident\n',
] as const;

const file = fc.constantFrom(...FILES);
const folder = fc.constantFrom(...FOLDERS);
const inside = fc.constantFrom(...FOLDERS.slice(1));
const rules = fc.constantFrom(...IGNORED);
const conversions = fc.constantFrom(...CONVERTED);
/** Plain objects, so that a failing history is easy to read. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });
const kind = <K extends string>(name: K): { readonly do: fc.Arbitrary<K> } => ({ do: fc.constant(name) });

const writing = record({
  ...kind('write'),
  file,
  content: fc.constantFrom('1\n', '2\n', 'one\r\ntwo\r\n', '\0', '$Id$\n'),
});
const ruling = fc.oneof(
  record({ ...kind('ignore'), folder, rules }),
  record({ ...kind('exclude'), rules }),
  record({ ...kind('personal'), rules: fc.option(rules) }),
  record({ ...kind('attributes'), folder, rules: conversions }),
  record({ ...kind('info'), rules: conversions }),
  record({
    ...kind('config'),
    args: fc.constantFrom(
      ['core.autocrlf', 'true'],
      ['core.autocrlf', 'input'],
      ['core.autocrlf', 'false'],
      ['core.fileMode', 'false'],
      ['core.fileMode', 'true'],
      ['core.ignoreCase', 'true'],
      ['core.ignoreCase', 'false'],
    ),
  }),
);
const step = fc.oneof(
  { weight: 5, arbitrary: writing },
  {
    weight: 3,
    arbitrary: record({
      ...kind('remove'),
      path: fc.constantFrom(
        ...FILES,
        'dir',
        'new',
        '.gitignore',
        'dir/.gitignore',
        'dir/.gitattributes',
        '.gitattributes',
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      ...kind('rename'),
      from: fc.constantFrom(...FILES, 'dir'),
      to: fc.constantFrom(...FILES, 'Dir'),
    }),
  },
  { weight: 1, arbitrary: record({ ...kind('mode'), file, mode: fc.constantFrom(0o755, 0o644) }) },
  {
    weight: 1,
    arbitrary: record({
      ...kind('link'),
      file: fc.constantFrom(...FILES, 'dir', '.gitignore', 'dir/.gitattributes'),
      to: fc.constantFrom('a.txt', 'dir', 'nowhere'),
    }),
  },
  { weight: 6, arbitrary: ruling },
  {
    weight: 2,
    arbitrary: record({
      ...kind('repository'),
      folder: fc.oneof(inside, fc.constant('a.txt' as const)),
      commit: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: record({ ...kind('no repository'), folder: inside }) },
  { weight: 1, arbitrary: record({ ...kind('submodule'), folder: inside }) },
  {
    weight: 4,
    arbitrary: record({
      ...kind('git'),
      args: fc.oneof(
        fc.constantFrom<readonly string[]>(
          ['add', '-A'],
          ['reset', '-q'],
          ['commit', '-q', '--allow-empty', '-m', 'x'],
          ['checkout', '-q', '-f', 'HEAD'],
          ['stash', '-q', '-u'],
        ),
        fc
          .tuple(
            fc.constantFrom('--skip-worktree', '--no-skip-worktree', '--assume-unchanged', '--no-assume-unchanged'),
            file,
          )
          .map((args) => ['update-index', ...args]),
        file.map((name) => ['add', '-f', '--', name]),
        file.map((name) => ['rm', '-q', '-r', '--cached', '--', name]),
      ),
    }),
  },
);

export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Steps, and which capture comes first after each: the one with a cached index, or a fresh one. */
export const histories: fc.Arbitrary<readonly { readonly step: Step; readonly first: 'warm' | 'cold' }[]> = fc.array(
  record({ step, first: fc.constantFrom('warm', 'cold') }),
  { minLength: 6, maxLength: 14, size: 'max' },
);

/** Takes one step in a repository; ignores a step that is impossible there. */
export function take(top: string, step: Step): void {
  try {
    act(top, step);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error || 'status' in error)) throw error;
  }
}

function act(top: string, step: Step): void {
  const at = (name: string): string => path.join(top, name);
  const git = (args: readonly string[], cwd = top): void => {
    execFileSync('git', args, { cwd, stdio: 'ignore' });
  };
  const write = (name: string, content: string): void => {
    fs.mkdirSync(path.dirname(at(name)), { recursive: true });
    fs.writeFileSync(at(name), content);
  };
  switch (step.do) {
    case 'write':
      return write(step.file, step.content);
    case 'remove':
      return fs.rmSync(at(step.path), { recursive: true });
    case 'rename':
      fs.mkdirSync(path.dirname(at(step.to)), { recursive: true });
      return fs.renameSync(at(step.from), at(step.to));
    case 'mode':
      return fs.chmodSync(at(step.file), step.mode);
    case 'link':
      fs.rmSync(at(step.file), { recursive: true, force: true });
      return fs.symlinkSync(step.to, at(step.file));
    case 'ignore':
      return write(path.join(step.folder, '.gitignore'), step.rules);
    case 'exclude':
      return write('.git/info/exclude', step.rules);
    case 'personal':
      if (step.rules === null) return git(['config', '--unset-all', 'core.excludesFile']);
      write('.git/personal', step.rules);
      return git(['config', 'core.excludesFile', at('.git/personal')]);
    case 'attributes':
      return write(path.join(step.folder, '.gitattributes'), step.rules);
    case 'info':
      return write('.git/info/attributes', step.rules);
    case 'config':
      return git(['config', ...step.args]);
    case 'repository':
      if (fs.lstatSync(at(step.folder), { throwIfNoEntry: false })?.isFile()) fs.rmSync(at(step.folder));
      fs.mkdirSync(at(step.folder), { recursive: true });
      git(['init', '-q'], at(step.folder));
      return step.commit ? git(['commit', '-q', '--allow-empty', '-m', 'x'], at(step.folder)) : undefined;
    case 'no repository':
      return fs.rmSync(at(path.join(step.folder, '.git')), { recursive: true });
    case 'submodule':
      return git(['update-index', '--add', '--replace', '--cacheinfo', `160000,${'1'.repeat(40)},${step.folder}`]);
    case 'git':
      return git(step.args);
  }
}
