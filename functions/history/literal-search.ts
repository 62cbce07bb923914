/** Characters with a meaning in a regular expression. */
const SYNTAX = /[\\^$.*+?()[\]{}|/]/g;

/**
 * Finds `query` literally: no character in it is a wildcard. Latin letters match in either case.
 * @returns a function that gives the matches in a text: [start, end) in UTF-16 units
 */
export function literalFinder(query: string): (text: string) => [number, number][] {
  const pattern = new RegExp(query.replace(SYNTAX, '\\$&'), 'giu');
  return (text) =>
    Array.from(text.matchAll(pattern), (match) => [match.index, match.index + match[0].length]);
}
