/** The first of many names, for a sentence: "a, b and 3 more". */
export function listed(names: readonly string[], most = 5, between = ', '): string {
  return names.slice(0, most).join(between) + (names.length > most ? ` and ${names.length - most} more` : '');
}

/** The words of a text, for lists that would take a line for each word otherwise. */
export function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/u));
}

/** "test" or "tests". */
export function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

/** A number with its noun: "1 test", "2 tests". */
export function counted(count: number, noun: string): string {
  return `${count} ${plural(noun, count)}`;
}

/** A word as a POSIX shell takes it, for commands that people copy: the names in them may be somebody else's. */
export function shellWord(word: string): string {
  return /^[\w@%+:,./][\w@%+:,./-]*$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
