import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test, vi } from 'vitest';
import { createCodexAgent } from '../../../../../src/core/agents/codex';
import { createPrograms } from '../../../../../src/core/process';
import { silentLogger } from '../../../../../src/core/util/logger';
import { storage } from '../../../../support/storage';
import { bundledSupervisor, guestPrograms, heldLock, temporaryFolder } from '../../process/support';

vi.setConfig({ testTimeout: 60_000 });

test('an answer file that cannot be read is no answer, and no exception', async () => {
  const top = temporaryFolder();
  const exec = path.join(top, 'codex');
  // Its answer goes to the file after "-o"; it reports only that the task succeeded.
  fs.writeFileSync(
    exec,
    `#!/bin/sh\nwhile [ "$1" != "-o" ]; do shift; done\nmkdir "$2"\necho '{"type":"turn.completed","usage":{}}'\n`,
    { mode: 0o755 },
  );
  const programs = createPrograms({ log: silentLogger, supervisorPath: bundledSupervisor(), storage });
  const lock = heldLock(top);
  const agent = createCodexAgent({ programs }, { exec });
  const result = await agent.run({
    task: 'implementation',
    attempt: 1,
    prompt: 'x',
    cwd: top,
    lock,
    guest: guestPrograms(programs, lock),
    access: 'edit',
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  expect(result).toMatchObject({ ok: true, text: '' });
});
