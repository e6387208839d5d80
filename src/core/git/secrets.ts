import * as path from 'node:path';

/**
 * Names of files that hold secrets, collected from secret scanners, ignore templates and vendors' documentation.
 * Applies only to untracked files: files that a team tracks are its own decision.
 */
const SECRET_NAMES: readonly RegExp[] = [
  // Environment files: .env.local, prod.env, app.env.production, .envrc, .dev.vars.
  /^\.env([._-].+)?$/i,
  /.\.env$/i,
  /.\.env\.(local|dev|development|test|testing|staging|stage|prod|production|live)$/i,
  /^\.(envrc|flaskenv)$/i,
  /^\.dev\.vars(\..+)?$/i,
  // Private keys and key stores.
  /\.(pem|key|p8|p12|pfx|pkcs12|jks|bks|keystore|keychain|keytab|kdb|kdbx|ppk|ovpn|agekey|secret|secrets)$/i,
  /^id_(rsa|dsa|ecdsa|ed25519)/i,
  /^(key|keystore)\.properties$/i,
  /^secring\./i,
  // Credentials of programs.
  /^[._](netrc|npmrc|pypirc|pgpass|htpasswd|git-credentials|s3cfg|boto|dockercfg|terraformrc)$/i,
  /^[._](vault-token|databrickscfg|credentials|secrets?|my\.cnf|mylogin\.cnf)$/i,
  /^(htpasswd|pgpass\.conf|rclone\.conf|wp-config\.php|local\.settings\.json|cookies\.txt|rootkey\.csv|kubeconfig)$/i,
  /\.kubeconfig$/i,
  /^kubeconfig\.ya?ml$/i,
  /^token\.(json|pickle)$/i,
  /^passwords?\.(txt|csv|json|ya?ml|xlsx)$/i,
  /_history$/i,
  /access[-_]?keys?\.csv$/i,
  // Cloud accounts.
  /^client[-_]?secrets?.*\.json$/i,
  /service[-_]?account.*\.json$/i,
  /firebase-adminsdk.*\.json$/i,
  /^application_default_credentials\.json$/i,
  // Infrastructure: a state file holds every value in plain text.
  /\.tfstate(\.backup|\..+\.backup)?$/i,
  /\.tfvars(\.json)?$/i,
  /vault[-_]?pass(word)?(\.txt)?$/i,
  // Data files, not code, that are named after secrets.
  /^(credentials?|secrets?|api[-_]?keys?)$/i,
  /^(credentials?|secrets?|api[-_]?keys?|private[-_]?keys?)\.(json5?|ya?ml|toml|txt|ini|csv)$/i,
  /^(credentials?|secrets?|api[-_]?keys?|private[-_]?keys?)\.(xml|conf|cfg|properties|env|db)$/i,
  /[-_.](credentials?|secrets?)\.(json5?|ya?ml|toml|txt|ini|csv)$/i,
  /^(credentials?|secrets?)[-_.](local|dev|development|test)\.(json5?|ya?ml|toml|txt|ini|csv)$/i,
  /^(credentials?|secrets?)[-_.](staging|prod|production)\.(json5?|ya?ml|toml|txt|ini|csv)$/i,
];
/** Paths where the folder matters as much as the name. */
const SECRET_PLACES: readonly RegExp[] = [
  /(^|\/)\.kube\/config$/i,
  /(^|\/)\.docker\/config\.json$/i,
  /(^|\/)\.aws\/(credentials|sso\/.+)$/i,
  /(^|\/)\.azure\/(accesstokens|azureprofile|msal_token_cache)\.[a-z]+$/i,
  /(^|\/)\.config\/(gcloud|gh|hub|doctl)\/.+$/i,
  /(^|\/)\.(gnupg|password-store)\/.+$/i,
  /(^|\/)\.ssh\/[^/]+$/i,
  /(^|\/)\.cargo\/credentials(\.toml)?$/i,
  /(^|\/)\.gem\/credentials$/i,
  /(^|\/)\.m2\/settings(-security)?\.xml$/i,
  /(^|\/)\.composer\/auth\.json$/i,
];
/** Names that look like the above but are meant to be shared, such as templates and encrypted files. */
const SHARED: readonly RegExp[] = [
  /[._-](examples?|sample|template|tmpl|tpl|dist|defaults?|schema|pub)$/i,
  /[._-](example|sample|template|dist|schema)\.[a-z0-9]+$/i,
  /^(example|sample|template)[._-]/i,
  /\.(d\.ts|enc|sops\.ya?ml|sops\.json)$/i,
  /sealed[-_]?secrets?\./i,
  /^known_hosts$/i,
];

/** Whether a file is likely to hold secrets, by its name alone. @param file a path with forward slashes */
export function looksSecret(file: string): boolean {
  const name = path.posix.basename(file);
  if (SHARED.some((pattern) => pattern.test(name))) return false;
  return SECRET_NAMES.some((pattern) => pattern.test(name)) || SECRET_PLACES.some((pattern) => pattern.test(file));
}
