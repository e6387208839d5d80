import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { claudeArgs, commandRules } from '../../../../src/core/agents/claude';
import { isolationArgs } from '../../../../src/core/agents/codex';
import { temporaryFolder } from '../process/support';

test('Codex trusts no repository, reads no AGENTS.md of the tree, and in a review starts no server', async () => {
  const folder = temporaryFolder();
  const cwd = path.join(folder, 'a "b"');
  fs.mkdirSync(cwd);
  const env = { CODEX_HOME: folder };
  fs.writeFileSync(
    path.join(folder, 'config.toml'),
    '[mcp_servers.docs]\ncommand = "x"\n[mcp_servers."a.b"]\nurl = "y"\n',
  );
  const trust = `projects={${JSON.stringify(cwd)}={trust_level="untrusted"}}`;
  expect(await isolationArgs({ access: 'edit', cwd }, env)).toEqual(['-c', trust, '-c', 'project_doc_max_bytes=0']);
  expect(await isolationArgs({ access: 'read-only', cwd }, env)).toEqual([
    '-c',
    trust,
    '-c',
    'project_doc_max_bytes=0',
    '-c',
    'mcp_servers={"docs"={enabled=false},"a.b"={enabled=false}}',
  ]);
  fs.writeFileSync(path.join(folder, 'config.toml'), '[[[');
  expect(await isolationArgs({ access: 'read-only', cwd }, env)).toEqual([
    '-c',
    trust,
    '-c',
    'project_doc_max_bytes=0',
  ]);
  fs.writeFileSync(path.join(cwd, '.git'), `gitdir: ${folder}/main/.git/worktrees/x\n`);
  expect((await isolationArgs({ access: 'edit', cwd }, env))[1]).toBe(
    `projects={${JSON.stringify(cwd)}={trust_level="untrusted"},` +
      `${JSON.stringify(`${folder}/main`)}={trust_level="untrusted"}}`,
  );
});

test('Claude Code edits with the settings of the user alone, and reviews with none and without servers', () => {
  expect(claudeArgs({ access: 'edit' }, undefined).join(' ')).toMatch(
    /--setting-sources user --permission-mode acceptEdits$/u,
  );
  const review = claudeArgs({ access: 'read-only', commands: ['npm test'] }, undefined);
  expect(review[review.indexOf('--setting-sources') + 1]).toBe('');
  expect(review).toContain('--strict-mcp-config');
  expect(review).not.toContain('--allowedTools');
});

test('an implementer may run exactly the configured checks', () => {
  const args = claudeArgs(
    { access: 'edit', commands: ['node --test', 'npm run lint -- --fix', "sh -c 'a && b'"] },
    undefined,
  );
  expect(args.slice(args.indexOf('--allowedTools'))).toEqual([
    '--allowedTools',
    'Bash(node --test)',
    'Bash(npm run lint -- --fix)',
    "Bash(sh -c 'a && b')",
  ]);
  for (const command of ['a *', 'a)', 'a (b)', 'npm run test:*', 'a:', 'a, Edit', 'a\\ b', 'a\nb'])
    expect(commandRules([command]), command).toEqual({ rules: [], inexpressible: [command] });
});
