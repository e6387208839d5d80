import { describe, expect, test } from 'vitest';
import { agentEnvironment } from '../../../../../src/core/agents/cli/environment';

const FROM = {
  PATH: '/bin',
  HOME: '/home/ada',
  LANG: 'en',
  LC_ALL: 'C',
  TERM: 'xterm',
  https_proxy: 'p',
  NODE_EXTRA_CA_CERTS: 'c',
  XDG_CONFIG_HOME: 'x',
  ANTHROPIC_API_KEY: 'a',
  CLAUDE_CONFIG_DIR: 'b',
  DISABLE_TELEMETRY: '1',
  OPENAI_API_KEY: 'o',
  CODEX_HOME: 'h',
  GITHUB_TOKEN: 'no',
  NPM_TOKEN: 'no',
  AWS_SECRET_ACCESS_KEY: 'cloud',
  SSH_AUTH_SOCK: 'no',
  VSCODE_IPC_HOOK: 'no',
  NODE_OPTIONS: 'no',
  LD_PRELOAD: 'no',
  CLAUDECODE: '1',
  CLAUDE_CODE_SSE_PORT: '1',
  DATABASE_URL: 'no',
  UNSET: undefined,
};

describe('the environment of an agent', () => {
  test('is what programs need and what is its own', () => {
    const common = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TERM', 'https_proxy', 'NODE_EXTRA_CA_CERTS', 'XDG_CONFIG_HOME'];
    expect(Object.keys(agentEnvironment('claude', FROM)).sort()).toEqual(
      [...common, 'ANTHROPIC_API_KEY', 'CLAUDE_CONFIG_DIR', 'DISABLE_TELEMETRY'].sort(),
    );
    expect(Object.keys(agentEnvironment('codex', FROM)).sort()).toEqual(
      [...common, 'OPENAI_API_KEY', 'CODEX_HOME'].sort(),
    );
  });

  test('holds the credentials of a cloud only for who was told to use it', () => {
    expect(agentEnvironment('claude', { ...FROM, CLAUDE_CODE_USE_BEDROCK: '1' })['AWS_SECRET_ACCESS_KEY']).toBe(
      'cloud',
    );
    expect(
      agentEnvironment('claude', { ...FROM, CLAUDE_CODE_USE_BEDROCK: '0' })['AWS_SECRET_ACCESS_KEY'],
    ).toBeUndefined();
    expect(
      agentEnvironment('codex', { ...FROM, CLAUDE_CODE_USE_BEDROCK: '1' })['AWS_SECRET_ACCESS_KEY'],
    ).toBeUndefined();
  });
});
