import * as fs from 'node:fs';
import * as path from 'node:path';
import { out } from '../../support/paths';

/** Easy to find wherever it should not be. */
export const SECRET = 'sk-test-0123456789abcdef-never-show-this';

export interface AgentHome {
  readonly home: string;
  /** Environment variables with which both programs find this home and the scripted service. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Creates a home in which both programs are configured to call a service on a local port. It is outside of temporary
 * folders, because there Codex creates no helpers, and with bubblewrap installed it edits no file without them.
 */
export function agentHome(folder: string, port: number): AgentHome {
  const home = path.join(out, 'agents', path.basename(folder), 'home');
  const codexHome = path.join(home, '.codex');
  fs.mkdirSync(path.join(home, '.claude'), { recursive: true });
  fs.mkdirSync(codexHome, { recursive: true });
  // Settings that let the agent run commands, so that tests see the processes it starts.
  fs.writeFileSync(path.join(home, '.claude/settings.json'), JSON.stringify({ permissions: { allow: ['Bash'] } }));
  fs.writeFileSync(
    path.join(codexHome, 'config.toml'),
    [
      'model = "gpt-5.5"',
      'model_provider = "scripted"',
      '',
      '[model_providers.scripted]',
      'name = "scripted"',
      `base_url = "http://127.0.0.1:${port}/v1"`,
      'wire_api = "responses"',
      'env_key = "OPENAI_API_KEY"',
      'request_max_retries = 0',
      'stream_max_retries = 2',
      '',
      '[analytics]',
      'enabled = false',
      '',
      '[features]',
      'plugins = false',
      '',
    ].join('\n'),
  );
  return {
    home,
    variables: {
      HOME: home,
      CODEX_HOME: codexHome,
      CLAUDE_CONFIG_DIR: undefined,
      XDG_CONFIG_HOME: undefined,
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
      ANTHROPIC_API_KEY: SECRET,
      ANTHROPIC_AUTH_TOKEN: undefined,
      ANTHROPIC_MODEL: undefined,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_MAX_RETRIES: '2',
      OPENAI_API_KEY: SECRET,
      HTTP_PROXY: undefined,
      HTTPS_PROXY: undefined,
      ALL_PROXY: undefined,
      http_proxy: undefined,
      https_proxy: undefined,
      all_proxy: undefined,
    },
  };
}
