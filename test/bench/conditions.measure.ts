import type { ChangedText } from '../../src/core/git/git';
import { oid } from '../../src/core/git/oid';
import { GitRunner } from '../../src/core/git/runGit';
import { changedTexts, textsOf } from '../../src/core/git/texts';
import { createPrograms } from '../../src/core/process';
import { behindChecks, FIRST_LOOK } from '../../src/core/steps/conditions/checkInputs';
import type { Finding } from '../../src/core/steps/conditions/finding';
import { isAmongTests } from '../../src/core/steps/conditions/languages';
import { type ConditionsInput, findingsOf } from '../../src/core/steps/conditions/lookAtConditions';
import { mayHoldTests } from '../../src/core/steps/conditions/tests';
import { silentLogger } from '../../src/core/util/logger';
import { git } from '../support/git';
import { storage } from '../support/storage';
import type { Row } from './report';

/** The units in which alarms are counted. */
type Kind = 'tests' | 'protected' | 'byPath' | 'byFolder';

/**
 * `measure <repository>` prints rows as JSON, each with its alarms. Measures how often the conditions raise an alarm on
 * this repository's own history, with each commit as a step from its parent's tree to its own. All of these commits are
 * legitimate, so every alarm counts as false, even if what it says is true. Commits have no plan, so one is made up: it
 * names the changed code and documents, by path or by folder, names the changed tests by path, and asks for tests. The
 * measurement shows how often files that belong to these (test support, files that tests read, records, lock files)
 * count as out of scope. One code file is left out of the list, to see that it is found.
 */
async function measure(root: string): Promise<readonly Row[]> {
  const runner = new GitRunner(root, createPrograms({ log: silentLogger, supervisorPath: '', storage }));
  const commits = (await git(root, 'log', '--reverse', '--no-merges', '--format=%H %T %P', 'HEAD'))
    .split('\n')
    .map((line) => line.split(' '));
  const trees = new Map(commits.map(([sha = '', tree = '']) => [sha, oid(tree)]));
  const alarms: Record<Kind, number> = { tests: 0, protected: 0, byPath: 0, byFolder: 0 };
  const said: Record<Kind, string[]> = { tests: [], protected: [], byPath: [], byFolder: [] };
  let [steps, asked, found] = [0, 0, 0];
  for (const [sha = '', , parent] of commits) {
    const [before, tree] = [trees.get(parent ?? ''), trees.get(sha)];
    if (before === undefined || tree === undefined) continue;
    steps++;
    const changes = await changedTexts(
      runner,
      before,
      tree,
      (path) => mayHoldTests(path) || path.endsWith('package.json'),
    );
    const commands = [
      ['npm', 'test'],
      ['npm', 'run', 'lint'],
    ];
    const first = await textsOf(runner, before, FIRST_LOOK);
    const named = behindChecks(commands, (path) => first.get(path) ?? null).named;
    const texts = new Map([...first, ...(await textsOf(runner, before, [...named]))]);
    const input: ConditionsInput = {
      changes,
      commands,
      patterns: [],
      baseText: (path) => texts.get(path) ?? null,
      step: { changes: null, tests: '' },
      ignored: [],
    };
    const count = (kind: Kind, found: readonly Finding[] | null): void => {
      const lines = (found ?? []).map(({ path, what }) => `${sha.slice(0, 8)} ${path} ${what}`);
      said[kind].push(...lines);
      if (lines.length > 0) alarms[kind]++;
    };
    count('tests', findingsOf('tests', input));
    count('protected', findingsOf('protected', input));
    const sources = changes.filter(isSource).map(({ path }) => path);
    const tests = changes.filter(({ path }) => /\.test\.\w+$/u.test(path)).map(({ path }) => `- \`${path}\``);
    if (sources.length === 0) continue;
    const scope = (names: readonly string[]): readonly Finding[] | null =>
      findingsOf('scope', {
        ...input,
        step: {
          changes: names.map((name) => `- \`${name}\``).join('\n'),
          tests: ['- Tests of what is new.', ...tests].join('\n'),
        },
      });
    const [left] = sources;
    count('byPath', scope(sources));
    count('byFolder', scope([...new Set(sources.map(folderOf))]));
    if (left === undefined || sources.length < 2) continue;
    asked++;
    if (scope(sources.slice(1))?.some(({ path }) => path === left) === true) found++;
  }
  const row = (what: string, kind: Kind): Row => ({
    what: `${what}: alarms`,
    ours: alarms[kind],
    reference: steps,
    unit: 'commits',
    details: said[kind],
  });
  return [
    row('tests', 'tests'),
    row('protected', 'protected'),
    row('scope, code named by path', 'byPath'),
    row('scope, code named by folder', 'byFolder'),
    { what: 'scope, one file left out: found', ours: found, reference: asked, unit: 'commits', atLeast: 0.9 },
  ];
}

const isSource = ({ path }: ChangedText): boolean => !isAmongTests(path) && !path.endsWith('package-lock.json');
const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : path);

void measure(process.argv[2] ?? '.').then((rows) => {
  process.stdout.write(JSON.stringify(rows));
});
