/** Under the `u` flag only a surrogate without its partner is a character of its own. */
const LONE_SURROGATES = /[\ud800-\udfff]/gu;

/**
 * Whether a text is well-formed UTF-16, so that it has a UTF-8 form: half an emoji makes `encodeURIComponent` throw and is
 * not the same after a database has stored it. Not `String.prototype.isWellFormed`, which phones may lack.
 */
export const isWellFormed = (text: string): boolean => text.search(LONE_SURROGATES) < 0;

/** The text without halves of characters, as an input that cuts at its length limit may leave one. */
export const wellFormed = (text: string): string => text.replace(LONE_SURROGATES, '');

let segmenter: Intl.Segmenter | undefined;
/**
 * Where the character at `at` begins that readers take for one; a single code point where the runtime has no `Intl.Segmenter` (some
 * phones).
 */
function startOfCharacter(text: string, at: number): number {
  if (typeof Intl === 'undefined' || typeof Intl.Segmenter !== 'function')
    return (text.codePointAt(at - 1) ?? 0) > 0xffff ? at - 1 : at;
  segmenter ??= new Intl.Segmenter('zh', { granularity: 'grapheme' });
  return segmenter.segment(text).containing(at)?.index ?? at;
}

/** The longest beginning of `text` that has at most `maxChars` UTF-16 units and ends between two graphemes. */
export const cutText = (text: string, maxChars: number): string =>
  text.length <= maxChars ? text : text.slice(0, startOfCharacter(text, maxChars));
