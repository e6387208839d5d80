import { PROVIDERS, type Provider } from '../../config/providers';

/** Variables that any program needs to find its files, the language and the network. */
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

/**
 * The environment of an agent program. It is an allowlist: a model can read its environment, so it must not see tokens
 * of other programs.
 */
export function agentEnvironment(provider: Provider, from: NodeJS.ProcessEnv): Record<string, string> {
  const { own, tied, clouds } = PROVIDERS[provider].environment;
  const used = clouds.filter(({ when }) => isOn(from[when]));
  const allowed = (name: string): boolean => {
    const upper = name.toUpperCase();
    return (
      COMMON.has(upper) ||
      COMMON_PREFIX.test(upper) ||
      (own.test(upper) && !tied.test(upper)) ||
      used.some(({ names }) => names.test(upper))
    );
  };
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) if (value !== undefined && allowed(name)) kept[name] = value;
  return kept;
}

const isOn = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
