/**
 * Combines patterns into one that matches wherever any of them does. Long alternations stay readable this way, and lint
 * checks each part.
 * @param more patterns without numbered groups, all with the flags of `first`
 */
export function anyOf(first: RegExp, ...more: readonly RegExp[]): RegExp {
  return new RegExp([first, ...more].map(({ source }) => source).join('|'), first.flags);
}
