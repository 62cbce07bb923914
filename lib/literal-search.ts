/** Characters with a meaning in a regular expression. */
const SYNTAX = /[\\^$.*+?()[\]{}|/]/g;

/** Where something was found in a text: [start, end) in UTF-16 units. */
export type TextRange = [start: number, end: number];

/**
 * Finds `query` literally: no character in it is a wildcard. Latin letters match in either case.
 * @param query not empty
 * @returns a function that gives the places in a text, in order; they do not overlap
 */
export function literalFinder(query: string): (text: string) => TextRange[] {
  const pattern = new RegExp(query.replace(SYNTAX, '\\$&'), 'giu');
  return (text) => {
    const found: TextRange[] = [];
    // Not `matchAll`, which phones may lack.
    text.replace(pattern, (match: string, at: number) => {
      found.push([at, at + match.length]);
      return match;
    });
    return found;
  };
}

/** The text with `replacement`, literally, in each of the places. @param ranges in order, without overlap */
export function replaceRanges(text: string, ranges: readonly TextRange[], replacement: string): string {
  let replaced = '';
  let at = 0;
  for (const [start, end] of ranges) {
    replaced += text.slice(at, start) + replacement;
    at = end;
  }
  return replaced + text.slice(at);
}
