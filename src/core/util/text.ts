/** The first of many names, for a sentence: "a, b and 3 more". */
export function listed(names: readonly string[], most = 5, between = ', '): string {
  return names.slice(0, most).join(between) + (names.length > most ? ` and ${names.length - most} more` : '');
}

/** A word as a POSIX shell takes it, for commands that people copy: the names in them may be somebody else's. */
export function shellWord(word: string): string {
  return /^[\w@%+:,./][\w@%+:,./-]*$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
