import { hideSecretWords } from '../redact';

/** The environment variable that marks everything a program starts, however far it moves away from its parent. */
export const MARKER_VARIABLE = 'WELD_WORKER';

/** What an editor sets for its own processes; a program that inherited it would take itself for part of the editor. */
const EDITORS_OWN =
  /^(?:VSCODE_|ELECTRON_|NODE_CHANNEL_|NODE_OPTIONS$|APPLICATION_INSIGHTS_|CHROME_DESKTOP$|GIT_ASKPASS$)/i;

/** The environment of the extension host less what names the editor. */
export function inheritedEnvironment(from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(from))
    if (value !== undefined && !EDITORS_OWN.test(name)) kept[name] = value;
  return kept;
}

const SECRET_NAME = /(?:token|secret|passw|api[-_]?key|auth|credential)/i;

/** A command line for the log: long words cut, what looks like a secret replaced. */
export function shownCommand(file: string, args: readonly string[]): string {
  const words = args.slice(0, 40).map((whole, i) => {
    const arg = hideSecretWords(whole.slice(0, 2_000));
    const before = args[i - 1] ?? '';
    const [name, value] = /^(--?[\w-]+)=(.*)$/s.exec(arg)?.slice(1) ?? [];
    if (before.startsWith('-') && !before.includes('=') && SECRET_NAME.test(before) && !arg.startsWith('-'))
      return '***';
    if (name !== undefined && value !== undefined && SECRET_NAME.test(name)) return `${name}=***`;
    const clean = arg.replace(/((?<!\w)\w+:\/\/)[^/\s@]+@/g, '$1***@');
    return quote(clean.length > 200 ? `${clean.slice(0, 200)}…` : clean);
  });
  return [quote(file), ...words, ...(args.length > 40 ? [`… (${args.length - 40} more)`] : [])].join(' ');
}

const quote = (word: string): string => (/^[\w@%+=:,./~^*-]+$/.test(word) ? word : JSON.stringify(word));
