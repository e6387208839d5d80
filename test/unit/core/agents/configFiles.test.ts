import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { agentFilesAt, changedAgentFiles, configuresAgents } from '../../../../src/core/agents/configFiles';
import { temporaryFolder } from '../process/support';

describe('files that configure agents', () => {
  test.each([
    '.claude/settings.json',
    '.claude/settings.local.json',
    '.claude/agents/x.md',
    '.codex/config.toml',
    '.mcp.json',
    '.gemini/settings.json',
    '.qwen/QWEN.md',
    'opencode.json',
    'opencode.jsonc',
    '.opencode/x',
    'AGENTS.md',
    'CLAUDE.md',
    'CLAUDE.local.md',
    'AGENTS.override.md',
    'GEMINI.md',
    '.github/copilot-instructions.md',
    '.github/instructions/x.instructions.md',
    '.github/agents/a.md',
    '.cursor/rules/x.mdc',
    '.cursorrules',
    '.aider.conf.yml',
    '.windsurfrules',
    '.windsurf/x',
    '.vscode/mcp.json',
    'packages/a/AGENTS.md',
    'packages/a/.claude/settings.json',
    'Agents.MD',
    '.CLAUDE/Settings.json',
    '.claude./settings.json',
    '.clau\u200Dde/x',
    '.goosehints',
    '.agents/skills/x/SKILL.md',
    '.clinerules',
  ])('%s is one', (file) => {
    expect(configuresAgents(file)).toBe(true);
  });

  test.each([
    'src/agents.ts',
    'docs/claude.html',
    'agents/readme.md',
    'src/claude/index.ts',
    '.github/workflows/ci.yml',
    '.vscode/settings.json',
    'README.md',
    'my-AGENTS.md',
    'package.json',
    '.aider.chat.history.md',
    'src/.rules.ts',
    'CLAUDE.md.txt',
  ])('%s is none', (file) => {
    expect(configuresAgents(file)).toBe(false);
  });

  test('are looked at on the disk, ignored ones too, without following links or opening pipes', async () => {
    const top = temporaryFolder();
    fs.mkdirSync(path.join(top, '.claude/agents'), { recursive: true });
    fs.mkdirSync(path.join(top, 'src'));
    for (const file of [
      '.claude/settings.local.json',
      '.claude/agents/a.md',
      'Claude.md',
      'src/AGENTS.md',
      'other.txt',
    ])
      fs.writeFileSync(path.join(top, file), file);
    fs.symlinkSync('/etc', path.join(top, '.codex'));
    const before = await agentFilesAt(top);
    expect([...before.keys()].sort()).toEqual([
      '.claude/agents/a.md',
      '.claude/settings.local.json',
      '.codex',
      'Claude.md',
    ]);
    expect(before.get('.codex')).toBe('link to /etc');
    fs.writeFileSync(path.join(top, '.claude/settings.local.json'), 'x');
    fs.rmSync(path.join(top, 'Claude.md'));
    execFileSync('mkfifo', [path.join(top, '.mcp.json')]);
    expect(changedAgentFiles(before, await agentFilesAt(top))).toEqual([
      '.claude/settings.local.json',
      '.mcp.json',
      'Claude.md',
    ]);
  });
});
