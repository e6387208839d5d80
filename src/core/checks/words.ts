import parseArgs from 'string-argv';
import { CHECK_SETTINGS } from '../config';
import type { Config } from '../config/schema';
import { WeldError } from '../errors';

/** One configured check, its command already split into words. */
export interface CheckCommand {
  readonly category: string;
  readonly command: string;
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The checks of config.toml in the order they run: those that `order` names first, the others as they stand in the file.
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

const QUOTED = /"[^"]*"|'[^']*'/g;
const OPERATOR = /(?:^|\s)(&&|\|\|?|;|&|<{1,3}|(?:\d|&)?>{1,2}(?:&\d|\S*))(?=\s|$)|(\$\()|(`)|\S(;)(?=\s|$)|\S(&&|\|\|)\S/;

/** Splits a command into words as a shell would, and refuses what only a shell could do. */
export function splitCommand(category: string, command: string): CheckCommand {
  const bare = command.replace(QUOTED, 'q');
  const operator = OPERATOR.exec(bare)?.slice(1).find((part) => part !== undefined);
  if (operator !== undefined)
    throw invalid(category, `uses "${operator}", which only a shell understands, and checks run without one; put it into a script, or write sh -c '…'`);
  if (/["']/.test(bare)) throw invalid(category, 'has a quote that is not closed; close it');
  const [file, ...args] = parseArgs(command);
  if (file === undefined || file === '') throw invalid(category, 'has no command; write one or remove it');
  if (/^[A-Za-z_]\w*=/.test(file)) throw invalid(category, `sets "${file}" as a shell would; begin the command with "env" instead`);
  return { category, command, file, args };
}

function invalid(category: string, fault: string): WeldError {
  return new WeldError('CONFIG_INVALID', `The check "${category}" in .weld/config.toml ${fault}.`);
}
