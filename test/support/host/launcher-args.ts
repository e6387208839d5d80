import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Flags of the desktop executable that take a value. */
const WITH_VALUE = new Set([
  'user-data-dir',
  'extensions-dir',
  'extensionTestsPath',
  'extensionDevelopmentPath',
  'install-extension',
  'uninstall-extension',
  'disable-extension',
  'enable-proposed-api',
  'inspect-extensions',
  'inspect-brk-extensions',
  'folder-uri',
  'file-uri',
  'log',
  'locale',
  'profile',
  'category',
  'crash-reporter-directory',
]);

export interface LauncherArgs {
  /** Values in the given order; `true` for a flag without a value. */
  readonly flags: ReadonlyMap<string, readonly (string | true)[]>;
  readonly rest: readonly string[];
}

/** Parses the command line as the desktop executable would. */
export function readArgs(argv: readonly string[]): LauncherArgs {
  const flags = new Map<string, (string | true)[]>();
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const flag = /^--([^=]+)(?:=([\s\S]*))?$/u.exec(word);
    if (flag?.[1] === undefined) {
      if (!word.startsWith('-')) rest.push(word);
      continue;
    }
    const value = flag[2] ?? (WITH_VALUE.has(flag[1]) ? (argv[++at] ?? '') : true);
    flags.set(flag[1], [...(flags.get(flag[1]) ?? []), value]);
  }
  return { flags, rest };
}

export const texts = (args: LauncherArgs, flag: string): string[] =>
  (args.flags.get(flag) ?? []).filter((value) => typeof value === 'string');
export const text = (args: LauncherArgs, flag: string): string | undefined => texts(args, flag).at(-1);
export const asPath = (given: string): string =>
  path.resolve(given.startsWith('file://') ? fileURLToPath(given) : given);
