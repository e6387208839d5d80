import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { useEditor } from './harness';

const harness = useEditor();

test('Choose Agents shows what is installed and logged in, explains the rest, and writes the choice', async () => {
  const claude = harness.file(
    'claude',
    '#!/bin/sh\nif [ "$1" = --version ]; then echo "2.9.9 (Claude Code)"; else echo \'{"loggedIn": true, ' +
      '"authMethod": "subscription"}\'; fi\n',
  );
  fs.chmodSync(claude, 0o755);
  const sample = await harness.sample({
    config: `\n[claude]\nexec = ${JSON.stringify(claude)}\n\n[codex]\nexec = "no-such-codex"\n`,
  });
  const config = path.join(sample.weldDir, 'config.toml');
  const window = await harness.open(sample.top);
  await window.command('Weld: Choose Agents…');
  await window.pick(/^\S* ?Review Tasks/u);
  await window.quick.getByRole('option', { name: /Claude Code/u }).waitFor();
  const rows = (await window.options()).join('\n');
  expect(rows).toMatch(/Claude Code, 2\.9\.9, logged in, subscription/u);
  expect(rows).toMatch(/Codex, not installed, Install Codex/u);
  expect(rows).toMatch(/Manual, needs nothing, You do it: the prompt opens/u);
  await window.pick(/Claude Code/u);
  await window.toast(/Claude Code will do research review, plan review, implementation review/u).waitFor();
  const written = fs.readFileSync(config, 'utf8');
  expect(written).toMatch(/^implementation_review = \{ provider = "claude" \}$/mu);
  expect(written).toMatch(/^implementation = \{ provider = "replay" \}$/mu);
  expect(written).toContain(`exec = ${JSON.stringify(claude)}`);
  expect(fs.existsSync(path.join(sample.weldDir, 'active.lock'))).toBe(false);

  await window.clearToasts();
  await window.command('Weld: Choose Agents…');
  await window.pick(/^\S* ?Every Task/u);
  await window.pick(/Codex/u);
  await window.toast(/Codex will do every task, but it is not installed\. Install Codex/u).waitFor();
});
