import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { openProject } from '../../../../src/core/openProject';
import { commitRun } from '../../../../src/core/runs/commitRun';
import { runLoop } from '../../../../src/core/steps/runLoop';
import { silentLogger } from '../../../../src/core/util/logger';
import { git } from '../../../support/git';
import { bundledSupervisor } from '../process/support';
import { ONE_ITERATION } from './support/answers';
import { createFixtureRepo, type FixtureRepo, json, lines, removeFixtureRepo } from './support/fixtureRepo';
import { operate, select } from './support/operate';

// Real git and real processes: fast alone, slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let fixtureRepo: FixtureRepo;
afterEach(() => {
  removeFixtureRepo(fixtureRepo);
});

it.each([{ prevention: 'on' }, { prevention: 'off' }])(
  'a check that formats and a hook that formats are not violations, prevention $prevention',
  async ({ prevention }) => {
    fixtureRepo = await createFixtureRepo(ONE_ITERATION);
    const script = path.join(fixtureRepo.home, 'format.mjs');
    fs.writeFileSync(
      script,
      `import * as fs from 'node:fs';
fs.appendFileSync(${JSON.stringify(fixtureRepo.checked)}, 'format\\n');
const text = fs.readFileSync('src/add.mjs', 'utf8');
if (!text.includes('formatted')) fs.writeFileSync('src/add.mjs', text + '// formatted\\n');
`,
    );
    fs.appendFileSync(
      fixtureRepo.paths.config,
      `[checks]\nformat = ${JSON.stringify(`${process.execPath} ${script}`)}\n`,
    );
    fs.writeFileSync(
      fixtureRepo.paths.config,
      fs.readFileSync(fixtureRepo.paths.config, 'utf8').replace(/^\[checks\]\ntest = .*$/mu, ''),
    );
    const hook = path.join(fixtureRepo.top, '.git', 'hooks', 'pre-commit');
    fs.mkdirSync(path.dirname(hook), { recursive: true });
    fs.writeFileSync(hook, "#!/bin/sh\necho '// by the hook' >> src/add.mjs\ngit add src/add.mjs\n", { mode: 0o755 });
    const project = await openProject(fixtureRepo.top, {
      log: silentLogger,
      supervisorPath: bundledSupervisor(),
      storage: path.join(fixtureRepo.home, 'storage'),
      ...(prevention === 'off' && { guarding: 'notice' as const }),
    });
    await select(fixtureRepo, project);
    expect(await operate(fixtureRepo, project, (op) => runLoop(op, { run: fixtureRepo.run, step: 1 }))).toMatchObject({
      passed: true,
      iterations: 1,
    });
    expect(lines(fixtureRepo.checked)).toEqual(['format', 'format']);
    const progress = json(
      path.join(fixtureRepo.paths.run(fixtureRepo.run).steps, '01-add-the-numbers', 'iter', '01', 'progress.json'),
    );
    expect(progress['checked_tree']).toBe(progress['tree']);
    expect(await git(fixtureRepo.top, 'show', `${String(progress['tree'])}:src/add.mjs`)).toMatch(/\/\/ formatted$/u);
    await operate(fixtureRepo, project, (op) => commitRun(op, { runId: fixtureRepo.run, message: 'Work' }));
    expect(await git(fixtureRepo.top, 'show', 'HEAD:src/add.mjs')).toMatch(/\/\/ formatted\n\/\/ by the hook$/u);
  },
);
