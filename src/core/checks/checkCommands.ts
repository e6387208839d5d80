import { CHECK_SETTINGS, commandWords } from '../config';
import type { Config } from '../config/schema';
import { WeldError } from '../util/errors';

/** One configured check, its command already split into words. */
export interface CheckCommand {
  readonly category: string;
  readonly command: string;
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The checks of config.toml in the order in which they run: first those named in `order`, then the others as in the
 * file.
 * @throws WeldError `CONFIG_INVALID` for a command that only a shell could run
 */
export function checkCommands(config: Config): readonly CheckCommand[] {
  const commands = new Map<string, string>();
  for (const [key, value] of Object.entries(config.checks))
    if (!CHECK_SETTINGS.includes(key) && typeof value === 'string') commands.set(key, value);
  const order = new Set([...(config.checks.order ?? []), ...commands.keys()]);
  return [...order].flatMap((category) => {
    const command = commands.get(category);
    return command === undefined ? [] : [splitCommand(category, command)];
  });
}

/**
 * Splits a command into words as a shell would.
 * @throws WeldError `CONFIG_INVALID` for a command that only a shell could run
 */
export function splitCommand(category: string, command: string): CheckCommand {
  const words = commandWords(command);
  if (!words.ok) throw invalid(category, words.why);
  return { category, command, file: words.file, args: words.args };
}

function invalid(category: string, fault: string): WeldError {
  return new WeldError('CONFIG_INVALID', `The check "${category}" in .weld/config.toml ${fault}.`);
}
