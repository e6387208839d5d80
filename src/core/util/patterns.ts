/**
 * One pattern that matches where any of the patterns does. A long alternation stays readable this way, and lint judges
 * each part. @param patterns without numbered groups, all with the same flags
 */
export function anyOf(first: RegExp, ...more: readonly RegExp[]): RegExp {
  return new RegExp([first, ...more].map(({ source }) => source).join('|'), first.flags);
}
