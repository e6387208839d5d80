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
import { operate, select } from './support/operate';
import { createSite, json, lines, removeSite, type Site } from './support/site';

// Real git, real processes: quick alone, slow beside a machine's other work.
vi.setConfig({ testTimeout: 120_000 });

let site: Site;
afterEach(() => {
  removeSite(site);
});

it.each([{ prevention: 'on' }, { prevention: 'off' }])(
  'a check that formats and a hook that formats are not violations, prevention $prevention',
  async ({ prevention }) => {
    site = await createSite(ONE_ITERATION);
    const script = path.join(site.home, 'format.mjs');
    fs.writeFileSync(
      script,
      `import * as fs from 'node:fs';
fs.appendFileSync(${JSON.stringify(site.checked)}, 'format\\n');
const text = fs.readFileSync('src/add.mjs', 'utf8');
if (!text.includes('formatted')) fs.writeFileSync('src/add.mjs', text + '// formatted\\n');
`,
    );
    fs.appendFileSync(site.paths.config, `[checks]\nformat = ${JSON.stringify(`${process.execPath} ${script}`)}\n`);
    fs.writeFileSync(
      site.paths.config,
      fs.readFileSync(site.paths.config, 'utf8').replace(/^\[checks\]\ntest = .*$/mu, ''),
    );
    const hook = path.join(site.top, '.git', 'hooks', 'pre-commit');
    fs.mkdirSync(path.dirname(hook), { recursive: true });
    fs.writeFileSync(hook, "#!/bin/sh\necho '// by the hook' >> src/add.mjs\ngit add src/add.mjs\n", { mode: 0o755 });
    const project = await openProject(site.top, {
      log: silentLogger,
      supervisorPath: bundledSupervisor(),
      storage: path.join(site.home, 'storage'),
      ...(prevention === 'off' && { guarding: 'notice' as const }),
    });
    await select(site, project);
    expect(await operate(site, project, (op) => runLoop(op, { run: site.run, step: 1 }))).toMatchObject({
      passed: true,
      iterations: 1,
    });
    expect(lines(site.checked)).toEqual(['format', 'format']);
    const progress = json(
      path.join(site.paths.run(site.run).steps, '01-add-the-numbers', 'iter', '01', 'progress.json'),
    );
    expect(progress['checked_tree']).toBe(progress['tree']);
    expect(await git(site.top, 'show', `${String(progress['tree'])}:src/add.mjs`)).toMatch(/\/\/ formatted$/u);
    await operate(site, project, (op) => commitRun(op, { runId: site.run, message: 'Work' }));
    expect(await git(site.top, 'show', 'HEAD:src/add.mjs')).toMatch(/\/\/ formatted\n\/\/ by the hook$/u);
  },
);
