/** The first names of a list, for a sentence: "a, b and 3 more". @param most maximum number of names */
export function listed(names: readonly string[], most = 5, between = ', '): string {
  return names.slice(0, most).join(between) + (names.length > most ? ` and ${names.length - most} more` : '');
}

/** The words of a text as a set, for lists that would otherwise take a line per word. */
export function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/u));
}

/** The noun in singular or plural: "test", "tests". */
export function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

/** A number with its noun: "1 test", "2 tests". */
export function counted(count: number, noun: string): string {
  return `${count} ${plural(noun, count)}`;
}

/** Quotes a word for a POSIX shell, for commands that people copy: names in them may be somebody else's. */
export function shellWord(word: string): string {
  return /^[\w@%+:,./][\w@%+:,./-]*$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
