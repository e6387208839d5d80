import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { useEditor } from './harness';

const programs = fs.mkdtempSync(path.join(os.tmpdir(), 'programs-'));
fs.writeFileSync(
  path.join(programs, 'claude'),
  '#!/bin/sh\nif [ "$1" = --version ]; then echo "2.9.9 (Claude Code)"; else echo \'{"loggedIn": true, ' +
    '"authMethod": "subscription"}\'; fi\n',
  { mode: 0o755 },
);
const harness = useEditor({ env: { PATH: `${programs}:${process.env['PATH'] ?? ''}` } });
afterAll(() => {
  fs.rmSync(programs, { recursive: true });
});

test('Initialize Repository offers the checks of the project and the agents in one dialog', async () => {
  const sample = await harness.sample({ initialised: false });
  fs.writeFileSync(
    path.join(sample.top, 'package.json'),
    JSON.stringify({ scripts: { lint: 'node --check x.mjs', test: 'node --test' } }),
  );
  const window = await harness.open(sample.top);
  await window.openView('Weld');
  const view = window.page.locator('[id="workbench.parts.sidebar"]');
  const codex = (role: 'checkbox' | 'option') => window.quick.getByRole(role, { name: /Codex, not installed/u });
  await window.press(view.getByRole('button', { name: 'Initialize Repository' }), codex('checkbox'));
  const rows = (await window.options()).join('\n');
  expect(rows).toMatch(/lint, npm run lint \(package\.json\)/u);
  expect(rows).toMatch(/test, npm test \(package\.json\)/u);
  expect(rows).toMatch(/Claude Code, 2\.9\.9, logged in, subscription/u);
  expect(rows).toMatch(/Codex, not installed, Install Codex/u);
  expect(await codex('checkbox').isChecked()).toBe(false);
  if (process.env['WELD_SHOT']) await window.page.screenshot({ path: process.env['WELD_SHOT'] });
  await window.page.keyboard.press('Enter');
  await window
    .toast(/is ready for Weld\. Every step must pass lint, test\. Claude Code will do every task\./u)
    .waitFor();
  const config = fs.readFileSync(path.join(sample.weldDir, 'config.toml'), 'utf8');
  expect(config).toMatch(/^\[checks\]\nlint = "npm run lint"\ntest = "npm test"$/mu);
  expect(config).toMatch(/^implementation_review = \{ provider = "claude" \}$/mu);

  await window.clearToasts();
  await window.command('Weld: List Agents');
  await codex('option').waitFor();
  expect((await window.options()).join('\n')).toMatch(/Claude Code, 2\.9\.9, logged in/u);
  await window.page.keyboard.press('Escape');
  await window.command('Weld: Initialize Repository');
  await window.toast(/is ready for Weld/u).waitFor();
  expect(fs.readFileSync(path.join(sample.weldDir, 'config.toml'), 'utf8')).toBe(config);
});
