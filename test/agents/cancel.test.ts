import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../support/run';
import { tool } from './service/turns';
import { ask, makeWorld, type World } from './support/world';

/** A command of the agent that has a child and a detached child, and never ends. */
const SCRIPT = `#!/bin/bash
trap '' HUP
sleep 1001 &
setsid sleep 1002 &
echo running > started
while true; do sleep 0.5; echo . >> ticks; done
`;

function prepare(world: World): void {
  fs.writeFileSync(path.join(world.top, 'work.sh'), SCRIPT, { mode: 0o755 });
  world.service.script('anthropic', [tool('Bash', { command: './work.sh', description: 'work' })]);
  world.service.script('openai', [tool('exec_command', { cmd: './work.sh' })]);
}

const started = (world: World): Promise<true> =>
  until('the command runs', () => fs.existsSync(path.join(world.top, 'ticks')), 100_000);

describe.each(['claude', 'codex'] as const)('cancelling %s', (kind) => {
  test('leaves no process behind, whatever its command started', async () => {
    const world = await makeWorld();
    prepare(world);
    const cancel = new AbortController();
    const asked = ask(world, world[kind](), { signal: cancel.signal });
    await started(world);
    expect(world.left().length).toBeGreaterThan(2);
    cancel.abort();
    expect((await asked).result).toMatchObject({
      ok: false,
      failure: 'cancelled',
      usage: { sessionId: expect.any(String) as string },
    });
    expect(world.left()).toEqual([]);
  });

  test('so does losing the lock', async () => {
    const world = await makeWorld();
    prepare(world);
    const asked = ask(world, world[kind]());
    await started(world);
    world.lock.lose();
    expect((await asked).result).toMatchObject({ ok: false, failure: 'cancelled' });
    expect(world.left()).toEqual([]);
  });

  test('before it began starts nothing', async () => {
    const world = await makeWorld();
    expect((await ask(world, world[kind](), { signal: AbortSignal.abort() })).result).toMatchObject({
      ok: false,
      failure: 'cancelled',
    });
    expect(world.service.calls).toEqual([]);
  });
});
