import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { onDisk } from './names';
import type { LeftOut } from './types';

/** Untracked files above this stay out of a tree until the person says otherwise, in bytes. */
const LARGE = 1_000_000;

const SECRET_NAMES = [
  /^\.env(\..+)?$/i, /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk)$/i, /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/, /^\.(netrc|npmrc|pypirc|pgpass|htpasswd|git-credentials)$/i,
  /^(credentials|secrets?)(\.(json|ya?ml|toml|txt|ini))?$/i, /^service[-_]?account.*\.json$/i,
];
/** Names that look like the above and exist to be shared. */
const EXAMPLES = /\.(example|sample|template|dist|pub)$/i;

export function looksSecret(file: string): boolean {
  const name = path.posix.basename(file);
  return !EXAMPLES.test(name) && SECRET_NAMES.some((pattern) => pattern.test(name));
}

/** @param file an untracked file, relative to `top`. @returns why it stays out, or null */
export async function whyLeftOut(top: string, file: string): Promise<LeftOut['why'] | null> {
  if (looksSecret(file)) return 'secret';
  const stat = await fs.lstat(onDisk(top, file)).catch(() => null);
  return stat?.isFile() && stat.size > LARGE ? 'large' : null;
}
