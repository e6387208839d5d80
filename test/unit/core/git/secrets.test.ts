import { describe, expect, test } from 'vitest';
import { looksSecret } from '../../../../src/core/git/secrets';

describe('looksSecret', () => {
  test.each([
    '.env', '.env.local', 'conf/.ENV', '.envrc', 'prod.env', 'docker/app.env', 'app.env.production', '.dev.vars', '.flaskenv',
    'terraform.tfstate', 'terraform.tfstate.backup', 'prod.tfvars', 'x.auto.tfvars.json', '.terraformrc', '.vault_pass', 'vault-password.txt',
    '.kube/config', 'home/.kube/config', 'kubeconfig', 'dev.kubeconfig', '.docker/config.json', '.dockercfg', '.aws/credentials', '.config/gcloud/credentials.db', '.config/gh/hosts.yml',
    'client_secret.json', 'client_secret_123.apps.json', 'service-account.json', 'my-service_account-key.json', 'app-firebase-adminsdk-x1.json', 'google-credentials.json', 'application_default_credentials.json',
    'credentials', 'credentials.csv', 'credentials.json', 'credentials.prod.json', 'secrets.yml', 'secret.toml', 'db-secret.yaml', '.credentials', 'api_keys.txt', 'rootkey.csv', 'user_accessKeys.csv', 'passwords.txt',
    '.npmrc', '.netrc', '_netrc', '.pypirc', '.pgpass', 'pgpass.conf', '.htpasswd', '.git-credentials', '.s3cfg', '.my.cnf', 'rclone.conf', 'wp-config.php', 'local.settings.json', 'token.json',
    'id_rsa', 'id_rsa.bak', 'id_ed25519', '.ssh/deploy', 'server.pem', 'server.key', 'x.p12', 'x.pfx', 'x.jks', 'x.p8', 'x.keytab', 'android/key.properties', 'vault.kdbx', '.bash_history', '.gnupg/private-keys-v1.d/x',
  ])('%s', (file) => { expect(looksSecret(file)).toBe(true); });

  test.each([
    '.env.example', '.env.sample', 'example.env', 'sample.env', '.env.d.ts', 'environment.ts', 'env.ts', 'src/env.d.ts', 'process.env.ts', 'dotenv.md', 'env/index.ts', 'vite-env.d.ts',
    'credentials.test.ts', 'credentials.ts', 'credentialsProvider.java', 'secret-santa.md', 'secrets.ts', 'secret.go', 'docs/secrets.md', 'Secrets.tsx', 'secrets.example.json', 'credentials.schema.json',
    'sealed-secret.yaml', 'secrets.sops.yaml', 'credentials.yml.enc', 'tokens.json', 'tokenizer.json', 'key.ts', 'keys.json', 'keyboard.ts', 'monkey.png', 'public.pub', 'id_rsa.pub', 'id_token.ts.example', 'server.crt',
    'main.tf', '.terraform.lock.hcl', 'tfstate.md', 'config.json', 'docker/config.json', 'aws/config.ts', 'kube/config.yaml', '.npmignore', '.nvmrc', 'password.tsx', 'passwords.test.ts', 'history.ts', 'client_secrets.md', 'serviceAccount.ts',
  ])('not %s', (file) => { expect(looksSecret(file)).toBe(false); });
});
