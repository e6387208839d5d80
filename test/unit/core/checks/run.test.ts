import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { IterationPaths } from '../../../../src/core/artifacts/paths';
import { type ChecksSummary, ChecksSummarySchema } from '../../../../src/core/artifacts/schemas';
import { runChecks } from '../../../../src/core/checks/index';
import type { CheckOperation } from '../../../../src/core/checks/runChecks';
import { ConfigSchema } from '../../../../src/core/config/schema';
import { openProject } from '../../../../src/core/openProject';
import { createPrograms } from '../../../../src/core/process/index';
import { silentLogger } from '../../../../src/core/util/logger';
import { isolatedGit } from '../../../support/git';
import { running } from '../../../support/processes';
import { storage } from '../../../support/storage';
import { bundledSupervisor, heldLock, pidIn, type TestLock, temporaryFolder } from '../process/support';

const programs = createPrograms({ log: silentLogger, supervisorPath: bundledSupervisor(), storage });

interface Bench {
  readonly top: string;
  readonly lock: TestLock;
  readonly cancel: AbortController;
  readonly reports: { message: string; stream?: string }[];
  run(checks: Record<string, unknown>): Promise<ChecksSummary>;
  output(category: string): string;
  has(file: string): boolean;
}

function bench(): Bench {
  const top = temporaryFolder();
  const lock = heldLock(top);
  const cancel = new AbortController();
  const reports: Bench['reports'] = [];
  const iteration = new IterationPaths(path.join(top, '.weld/runs/r/steps/01-a/iter/01'));
  execFileSync('git', ['init', '-q'], { cwd: top, env: { ...process.env, ...isolatedGit() } });
  const operation = async (): Promise<CheckOperation> => ({
    project: await openProject(top, { programs, log: silentLogger, storage }),
    lock,
    signal: cancel.signal,
    report: (progress) => {
      reports.push(progress);
    },
  });
  return {
    top,
    lock,
    cancel,
    reports,
    run: async (checks) => runChecks(await operation(), ConfigSchema.parse({ checks }), iteration),
    output: (category) => fs.readFileSync(iteration.check(category), 'utf8'),
    has: (file) => fs.existsSync(path.join(iteration.root, file)),
  };
}

/** A sleep time that no other process uses, in s: a pid from inside a sandbox means nothing outside. */
const LONG = `300.${process.pid}`;

/** Fails a number of times, then passes; counts its runs in a file. */
const failing = (times: number): string =>
  `sh -c 'echo x >> count; [ $(wc -l < count) -gt ${times} ] && echo good || { echo bad; exit 5; }'`;

describe('runChecks', () => {
  test('without checks all have passed, and that is recorded', async () => {
    const here = bench();
    expect(await here.run({})).toEqual({ categories: {}, first_failure: null, all_passed: true });
    expect(here.has('checks.summary.json')).toBe(true);
  });

  test('each passes once, in the order given, with both streams as they came', async () => {
    const here = bench();
    const summary = await here.run({
      b: `sh -c 'echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three; echo b >> order.txt'`,
      a: `sh -c 'echo a >> order.txt'`,
      order: ['a'],
    });
    expect(summary.all_passed).toBe(true);
    expect(here.output('b')).toBe('one\ntwo\nthree\n');
    expect(fs.readFileSync(path.join(here.top, 'order.txt'), 'utf8')).toBe('a\nb\n');
    expect(summary.categories['a']).toEqual({ category: 'a', exit_code: 0, passed: true, output: '' });
    expect(here.reports.some((report) => report.stream?.includes('two') && report.message === 'check b')).toBe(true);
  });

  test('the first failure is named, the rest still runs, the failed one is run twice and no other', async () => {
    const here = bench();
    const summary = await here.run({ first: failing(9), second: `sh -c 'echo ran >> second'`, third: 'false' });
    expect(summary).toMatchObject({ first_failure: 'first', all_passed: false });
    expect(summary.categories['first']).toMatchObject({ exit_code: 5, passed: false });
    expect(summary.categories['first']).not.toHaveProperty('flaky');
    expect(fs.readFileSync(path.join(here.top, 'count'), 'utf8')).toBe('x\nx\n');
    expect(fs.readFileSync(path.join(here.top, 'second'), 'utf8')).toBe('ran\n');
    expect(summary.categories['third']).toMatchObject({ exit_code: 1, passed: false });
    expect(
      ChecksSummarySchema.parse(
        JSON.parse(fs.readFileSync(path.join(here.top, '.weld/runs/r/steps/01-a/iter/01/checks.summary.json'), 'utf8')),
      ),
    ).toEqual(summary);
  });

  test('failing once and then passing is passed and flaky, with both outputs kept', async () => {
    const here = bench();
    const summary = await here.run({ shaky: failing(1) });
    expect(summary).toMatchObject({
      all_passed: true,
      first_failure: null,
      categories: { shaky: { passed: true, flaky: true, exit_code: 0 } },
    });
    expect(here.output('shaky')).toBe('[weld] First run, exit 5:\nbad\n\n[weld] Second run, exit 0:\ngood\n');
  });

  test('a missing program is a failure that says so, and is not repeated', async () => {
    const here = bench();
    const summary = await here.run({ lint: 'no-such-linter --all' });
    expect(summary.categories['lint']).toMatchObject({ exit_code: 127, passed: false });
    expect(here.output('lint')).toBe(
      '\n[weld] no-such-linter --all: no-such-linter is not installed or not on the PATH.\n',
    );
  });

  test('the time limit is a failure that says so', async () => {
    const here = bench();
    const summary = await here.run({ slow: 'sleep 60', timeout_seconds: 0.3 });
    expect(summary.categories['slow']).toMatchObject({ exit_code: 124, passed: false });
    expect(here.output('slow')).toContain('ended by its time limit of 0.3 s');
  });

  test('a signal is a failure', async () => {
    expect((await bench().run({ crash: `sh -c 'kill -SEGV $$'` })).categories['crash']).toMatchObject({
      exit_code: 139,
      passed: false,
    });
  });

  test('the summary has the end of the output without colours, the file has all', async () => {
    const here = bench();
    const summary = await here.run({ loud: `sh -c 'seq 1 30000; printf "\\033[31mred\\033[0m\\n"'` });
    const { output } = summary.categories['loud'] ?? { output: '' };
    expect(output.endsWith('30000\nred\n')).toBe(true);
    expect(output.length).toBeLessThan(20_010);
    expect(here.output('loud').startsWith('1\n2\n')).toBe(true);
    expect(here.output('loud')).toContain('\u001b[31m');
  });

  test('an endless output is bounded on disk', async () => {
    const here = bench();
    await here.run({ flood: `sh -c 'echo first; head -c 40000000 /dev/zero | tr "\\0" x; echo; echo last'` });
    const output = here.output('flood');
    expect(output.length).toBeLessThan(9e6);
    expect(output.startsWith('first\n')).toBe(true);
    expect(output).toMatch(/\nlast\n\n\[weld\] The middle of this output was left out: more than 8 MB.\n$/);
  });

  test('a shell operator is refused before anything runs', async () => {
    const here = bench();
    await expect(here.run({ a: `sh -c 'touch ran'`, b: 'x && y' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(fs.existsSync(path.join(here.top, 'ran'))).toBe(false);
  });

  test('cancel ends the whole group and writes no result', async () => {
    const here = bench();
    const result = here
      .run({ ok: 'true', long: `sh -c 'setsid sh -c "echo \\$\\$ > pid; exec sleep ${LONG}" & sleep ${LONG}'` })
      .catch((error: unknown) => error);
    await pidIn(path.join(here.top, 'pid'));
    here.cancel.abort();
    expect(await result).toMatchObject({ code: 'CANCELLED' });
    expect(running(`sleep ${LONG}`)).toEqual([]);
    expect([here.has('checks/ok.txt'), here.has('checks/long.txt'), here.has('checks.summary.json')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('a lost lock ends the check and is what is reported', async () => {
    const here = bench();
    const result = here.run({ long: `sh -c 'echo $$ > pid; sleep ${LONG}'` }).catch((error: unknown) => error);
    await pidIn(path.join(here.top, 'pid'));
    here.lock.lose();
    expect(await result).toMatchObject({ code: 'LOCK_LOST' });
    expect(running(`sleep ${LONG}`)).toEqual([]);
  });
});
