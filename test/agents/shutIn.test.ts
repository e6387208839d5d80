import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { out } from '../support/paths';
import { say, tool } from './service/turns';
import { askShutIn } from './support/shutIn';
import { makeWorld, type World } from './support/world';

/** The strictest sandbox that the agent itself offers. */
const STRICT = {
  sandbox: { enabled: true, failIfUnavailable: true, autoAllowBashIfSandboxed: true, allowUnsandboxedCommands: false },
};
const NOBODY = 65_534;
const USERS: (readonly [string, number | undefined])[] =
  process.getuid?.() === 0
    ? [
        ['root', undefined],
        ['another user', NOBODY],
      ]
    : [['this user', undefined]];

async function inside(kind: 'claude' | 'codex'): Promise<World> {
  fs.mkdirSync(path.join(out, 'shut-in'), { recursive: true });
  const world = await makeWorld(path.join(out, 'shut-in'));
  const run = (command: string): ReturnType<typeof tool> =>
    kind === 'claude' ? tool('Bash', { command, description: 'run' }) : tool('exec_command', { cmd: command });
  if (kind === 'claude') fs.writeFileSync(path.join(world.home, '.claude/settings.json'), JSON.stringify(STRICT));
  const beside = path.join(path.dirname(world.top), 'beside.txt');
  const file = path.join(world.top, 'edited.txt');
  world.service.script(kind === 'claude' ? 'anthropic' : 'openai', [
    run('echo inside > inside.txt'),
    run(`echo beside > ${beside}`),
    run('touch .git/hooks/own'),
    run('touch .weld/own'),
    kind === 'claude'
      ? tool('Write', { file_path: file, content: 'x' })
      : tool('apply_patch', '*** Begin Patch\n*** Add File: edited.txt\n+x\n*** End Patch\n'),
    say('Done.'),
  ]);
  return world;
}

// Claude Code's sandbox needs socat.
for (const kind of ['claude', 'codex'] as const)
  test.skipIf(kind === 'claude' && !['/usr/bin/socat', '/bin/socat'].some((file) => fs.existsSync(file))).each(USERS)(
    `${kind} with its own sandbox works inside ours, as %s: it edits the workspace and nothing else, and ` +
      'nothing is held against it',
    async (_, uid) => {
      const world = await inside(kind);
      const { result, report } = await askShutIn(world, kind, 'edit', uid);
      const said = JSON.stringify(
        { result, report, heard: world.service.calls.map(({ body }) => body) },
        null,
        1,
      ).slice(-6000);
      expect(result.ok, said).toBe(true);
      expect(report, said).toMatchObject({ mode: 'prevented', violations: [] });
      const there = (name: string): boolean => fs.existsSync(path.join(world.top, name));
      expect(
        {
          shell: there('inside.txt'),
          edit: there('edited.txt'),
          beside: there('../beside.txt'),
          hook: there('.git/hooks/own'),
          weld: there('.weld/own'),
        },
        said,
      ).toEqual({ shell: true, edit: true, beside: false, hook: false, weld: false });
    },
  );
