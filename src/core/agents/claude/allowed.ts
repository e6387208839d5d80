/** What a rule of Claude Code would read as part of itself: its end, a pattern, the next rule, an escape. */
const IN_RULES = /[()*,\\\n\r]|:$/u;

/** Rules by which Claude Code may run exactly these commands, and the commands that such a rule cannot express. */
export function commandRules(commands: readonly string[]): {
  readonly rules: readonly string[];
  readonly inexpressible: readonly string[];
} {
  const known = [...new Set(commands.map((command) => command.trim()))];
  return {
    rules: known.filter((command) => !IN_RULES.test(command)).map((command) => `Bash(${command})`),
    inexpressible: known.filter((command) => IN_RULES.test(command)),
  };
}
