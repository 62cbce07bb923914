/*
 * How the search of the site cuts texts. Chinese has no spaces: it is cut into overlapping pairs of characters, the same in every browser
 * and in the build (dictionaries, as Intl.Segmenter has them, are not). VitePress sends the source of these functions to the browser:
 * they use nothing from outside of themselves.
 */

/** Terms of a text that is indexed. The last character of a run stands alone as well, so that one character finds every place. */
export function indexTokens(text: string): string[] {
  const tokens: string[] = [];
  for (const run of text.match(/\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}_])+/gu) ?? []) {
    if (/\p{Script=Han}/u.test(run)) {
      const characters = Array.from(run);
      for (let at = 0; at < characters.length; at++) tokens.push(characters.slice(at, at + 2).join(''));
    } else {
      tokens.push(run);
      // `Container` finds `connectContainer`
      const words = run.replace(/([a-z0-9])([A-Z])/g, '$1_$2').split('_');
      if (words.length > 1) tokens.push(...words.filter((word) => word !== ''));
    }
  }
  return tokens;
}

/** Terms of a query. */
export function queryTokens(text: string): string[] {
  const tokens: string[] = [];
  for (const run of text.match(/\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}_])+/gu) ?? []) {
    const characters = Array.from(run);
    if (!/\p{Script=Han}/u.test(run) || characters.length === 1) tokens.push(run);
    else
      for (let at = 0; at + 1 < characters.length; at++) tokens.push(characters.slice(at, at + 2).join(''));
  }
  return tokens;
}
