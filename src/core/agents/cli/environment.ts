/** What any program needs to find its files, speak the person's language and reach the network. */
const COMMON = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TERM',
  'COLORTERM',
  'NO_COLOR',
  'TMPDIR',
  'TMP',
  'TEMP',
  'TZ',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'JAVA_HOME',
  'GOPATH',
  'GOROOT',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'NVM_DIR',
  'PNPM_HOME',
  'VIRTUAL_ENV',
  'DOTNET_ROOT',
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'USERPROFILE',
  'USERNAME',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'HOMEDRIVE',
  'HOMEPATH',
  'OS',
]);
const COMMON_PREFIX = /^(?:LC_|XDG_|PROCESSOR_)/u;

const OWN = {
  claude:
    /^(?:ANTHROPIC_|CLAUDE_|DISABLE_(?:TELEMETRY|AUTOUPDATER|ERROR_REPORTING|COST_WARNINGS|PROMPT_CACHING)|BASH_(?:DEFAULT|MAX)_|MAX_THINKING_TOKENS$|MCP_TIMEOUT$|MCP_TOOL_TIMEOUT$)/u,
  codex: /^(?:OPENAI_|CODEX_|AZURE_OPENAI_)/u,
} as const;

/** These tie a program to the editor or terminal it was started in; ours is started by Weld. */
const NOT_OURS =
  /^(?:CLAUDE_CODE_SSE_PORT|CLAUDE_CODE_ENTRYPOINT|CLAUDE_CODE_SESSION_ID|CODEX_SANDBOX|CODEX_SANDBOX_NETWORK_DISABLED|CODEX_THREAD_ID)$/u;

/** A cloud's credentials go only to a program that was told to use that cloud. */
const CLOUDS = [
  { when: 'CLAUDE_CODE_USE_BEDROCK', names: /^AWS_/u },
  { when: 'CLAUDE_CODE_USE_VERTEX', names: /^(?:GOOGLE_|GCLOUD_|CLOUD_ML_|VERTEX_)/u },
] as const;

/**
 * The environment of an agent program: an allow-list, so that a token which other programs of the person use is not
 * handed to a model that can read its environment.
 */
export function agentEnvironment(kind: 'claude' | 'codex', from: NodeJS.ProcessEnv): Record<string, string> {
  const clouds = kind === 'claude' ? CLOUDS.filter(({ when }) => isOn(from[when])) : [];
  const allowed = (name: string): boolean => {
    const upper = name.toUpperCase();
    if (NOT_OURS.test(upper)) return false;
    return (
      COMMON.has(upper) ||
      COMMON_PREFIX.test(upper) ||
      OWN[kind].test(upper) ||
      clouds.some(({ names }) => names.test(upper))
    );
  };
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) if (value !== undefined && allowed(name)) kept[name] = value;
  return kept;
}

const isOn = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
