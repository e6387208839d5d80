import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DetectedAgent, detectAgent } from '../../src/core/agents/cli/detect';
import { pinnedPrograms } from './programs/install';
import { makeWorld, type World } from './support/world';

const pinned = pinnedPrograms();
const look = (world: World, kind: 'claude' | 'codex', env: NodeJS.ProcessEnv = {}): Promise<DetectedAgent> =>
  detectAgent(kind, {
    programs: world.deps.programs,
    exec: pinned[kind],
    env: { ...world.env, ...env },
    timeoutMs: 60_000,
  });

describe('looking for an agent program', () => {
  test('Claude Code with a key, and without', async () => {
    const world = await makeWorld();
    expect(await look(world, 'claude')).toEqual({
      installed: true,
      version: '2.1.332',
      loggedIn: 'yes',
      how: 'api_key',
    });
    expect(await look(world, 'claude', { ANTHROPIC_API_KEY: undefined })).toMatchObject({
      installed: true,
      loggedIn: 'no',
      how: expect.stringContaining('claude auth login') as string,
    });
    expect(world.service.calls).toEqual([]);
  });

  test('Codex logged in, not, and with another provider', async () => {
    const world = await makeWorld();
    const codexHome = path.join(world.home, '.codex');
    expect(await look(world, 'codex')).toMatchObject({ installed: true, version: '0.171.0', loggedIn: 'unknown' });
    fs.rmSync(path.join(codexHome, 'config.toml'));
    expect(await look(world, 'codex')).toMatchObject({
      loggedIn: 'no',
      how: expect.stringContaining('codex login') as string,
    });
    fs.writeFileSync(path.join(codexHome, 'auth.json'), JSON.stringify({ OPENAI_API_KEY: 'sk-none' }));
    expect(await look(world, 'codex')).toMatchObject({ loggedIn: 'yes', how: 'API key' });
    expect(world.service.calls).toEqual([]);
  });

  test.each(['claude', 'codex'] as const)('%s that is not there, or hangs', async (kind) => {
    const world = await makeWorld();
    const { programs } = world.deps;
    expect(await detectAgent(kind, { programs, exec: 'no-such-agent' })).toMatchObject({
      installed: false,
      loggedIn: 'unknown',
    });
    const hangs = path.join(world.home, 'hangs');
    fs.writeFileSync(hangs, '#!/bin/sh\nsleep 1004\n', { mode: 0o755 });
    const began = performance.now();
    expect(await detectAgent(kind, { programs, exec: hangs, timeoutMs: 500 })).toMatchObject({
      installed: true,
      loggedIn: 'unknown',
    });
    expect(performance.now() - began).toBeLessThan(30_000);
  });
});
