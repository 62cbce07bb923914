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
/** What readers take for one character each; single code points where the runtime has no `Intl.Segmenter` (some phones). */
function* graphemes(text: string): Generator<string> {
  if (typeof Intl === 'undefined' || typeof Intl.Segmenter !== 'function') {
    yield* text;
    return;
  }
  segmenter ??= new Intl.Segmenter('zh', { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/** The longest beginning of `text` that has at most `maxChars` UTF-16 units and ends between two graphemes. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  let end = 0;
  for (const { length } of graphemes(text)) {
    if (end + length > maxChars) break;
    end += length;
  }
  return text.slice(0, end);
}
