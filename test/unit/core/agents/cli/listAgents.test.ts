import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { type FoundAgent, findAgents, listedAgent } from '../../../../../src/core/agents/cli/listAgents';
import { makeWorld } from '../../runs/support';

test.each<[string, Partial<FoundAgent>, object]>([
  ['logged in', { version: '2.1.0', how: 'subscription' }, { version: '2.1.0', ok: true, signedIn: true }],
  ['silent about its login', { loggedIn: 'unknown' }, { ok: true }],
  ['logged out', { loggedIn: 'no', how: 'Run it.' }, { ok: false, signedIn: false, why: 'Run it.' }],
  ['missing', { installed: false, loggedIn: 'unknown', how: 'Install it.' }, { ok: false, why: 'Install it.' }],
])('an agent that is %s', (_what, found, listed) => {
  const agent = { name: 'codex', installed: true, loggedIn: 'yes', how: '', ...found } as const;
  expect(listedAgent(agent)).toEqual({ name: 'codex', ...listed });
});

test('every agent is looked for, each with its own program', async () => {
  const { project, top } = await makeWorld();
  const program = path.join(path.dirname(top), 'own-claude');
  fs.writeFileSync(program, '#!/bin/sh\n[ "$1" = --version ] && echo "9.8.7 (it)" || echo \'{"loggedIn": false}\'\n', {
    mode: 0o755,
  });
  const agents = await findAgents(project, (name) => (name === 'claude' ? program : 'no-such-program'));
  expect(agents.map(listedAgent)).toEqual([
    {
      name: 'claude',
      version: '9.8.7',
      ok: false,
      signedIn: false,
      why: expect.stringContaining('claude auth login') as string,
    },
    { name: 'codex', ok: false, why: expect.stringContaining('Install Codex') as string },
  ]);
});
