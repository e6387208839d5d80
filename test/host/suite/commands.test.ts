import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../../src/ids';
import { api, call, codeOf } from './host';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

suite('commands', () => {
  suiteSetup(api);

  test('every command of the manifest is registered, and no other', async () => {
    const manifest = vscode.extensions.getExtension('weld.weld')?.packageJSON as Manifest;
    const contributed = manifest.contributes.commands.map((one) => one.command).sort();
    const registered = (await vscode.commands.getCommands(true)).filter(
      (id) =>
        id.startsWith('weld.') &&
        !/^weld\.(runs\.(focus|open|resetViewLocation|removeView|toggleVisibility)|language\.)/u.test(id),
    );
    assert.deepEqual(Object.values(COMMANDS).sort(), contributed);
    assert.deepEqual(
      contributed.filter((id) => !registered.includes(id)),
      [],
    );
  });

  const refusals: readonly (readonly [string, object, string])[] = [
    [COMMANDS.planPrompt, {}, 'INVALID_ARGUMENT'],
    [COMMANDS.planPrompt, { runId: '../../x' }, 'INVALID_RUN_ID'],
    [COMMANDS.planPrompt, { runId: '20200101-000000-nothing' }, 'RUN_NOT_FOUND'],
    [COMMANDS.planImport, { runId: '20200101-000000-nothing', file: 'docs/greetings.md' }, 'RUN_NOT_FOUND'],
    [COMMANDS.stepLoop, { runId: '20200101-000000-nothing', step: 1 }, 'RUN_NOT_FOUND'],
    [COMMANDS.stepLoop, { runId: '20200101-000000-nothing', step: 'one' }, 'INVALID_ARGUMENT'],
    [COMMANDS.commit, { runId: '20200101-000000-nothing' }, 'INVALID_ARGUMENT'],
    [COMMANDS.runStart, { spec: 'docs/nowhere.md' }, 'SPEC_UNREADABLE'],
    [COMMANDS.runStart, { spec: 'docs/greetings.md', folder: '/nowhere' }, 'INVALID_ARGUMENT'],
    [COMMANDS.lockTakeOver, {}, 'INVALID_ARGUMENT'],
    [COMMANDS.init, { checks: { test: 'a && b' } }, 'INVALID_ARGUMENT'],
    [COMMANDS.init, { agents: ['nobody'] }, 'INVALID_ARGUMENT'],
    [COMMANDS.init, { checks: { test: 'npm test' } }, 'INVALID_ARGUMENT'],
  ];
  for (const [id, args, code] of refusals)
    test(`${id} with ${JSON.stringify(args)} gives ${code}`, async () => {
      assert.equal(await codeOf(id, args), code);
    });

  test('init of an initialised repository changes nothing, and asks nothing', async () => {
    assert.deepEqual(await call(COMMANDS.init), {});
  });

  test('the agents are listed as config.toml names them, with what to do where one cannot work', async () => {
    const { agents } = await call<{ agents: { name: string; ok: boolean; why?: string }[] }>(COMMANDS.listAgents);
    assert.deepEqual(
      agents.map(({ name }) => name),
      ['claude', 'codex'],
    );
    for (const { ok, why } of agents) assert.equal(why === undefined, ok);
  });

  test('doctor says what it found, line by line', async () => {
    const { lines } = await call<{ lines: { level: string; text: string }[] }>(COMMANDS.doctor);
    assert.ok(lines.length >= 3, JSON.stringify(lines));
    assert.ok(lines.every((line) => ['ok', 'warning', 'failure'].includes(line.level) && line.text !== ''));
  });

  test('a silent command opens no editor', async () => {
    const before = vscode.window.activeTextEditor?.document.fileName;
    const { path } = await call<{ path: string }>(COMMANDS.openConfig);
    assert.match(path, /config\.toml$/u);
    assert.equal(vscode.window.activeTextEditor?.document.fileName, before);
  });

  test('a silent sample is made in a folder of its own, and opens no window', async () => {
    const { folder, runId } = await call<{ folder: string; runId: string }>(COMMANDS.sample);
    try {
      assert.ok(fs.existsSync(path.join(folder, '.weld/runs', runId, 'meta.json')));
      assert.equal(fs.statSync(path.dirname(folder)).mode & 0o777, 0o700);
    } finally {
      fs.rmSync(path.dirname(folder), { recursive: true, force: true });
    }
  });

  test('stop, refresh and show answer when there is nothing to do', async () => {
    assert.deepEqual(await call(COMMANDS.stepStop), {});
    assert.deepEqual(await call(COMMANDS.refresh), {});
    assert.deepEqual(await call(COMMANDS.lockShow), { kind: 'free' });
  });
});
