/** A word as a POSIX shell takes it, for commands that people copy: the names in them may be somebody else's. */
export function shellWord(word: string): string {
  return /^[\w@%+:,./][\w@%+:,./-]*$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
