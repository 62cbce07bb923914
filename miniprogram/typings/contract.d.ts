/**
 * Used by files of `contract/` on the server side. The mini-program imports only types from them, but the compiler checks the whole
 * file. WeChat has neither function, so the mini-program must not call them.
 */
declare function atob(data: string): string;
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
/** Not on every phone: ask `typeof Intl.Segmenter` first. */
declare namespace Intl {
  class Segmenter {
    constructor(locale?: string, options?: { granularity?: 'grapheme' | 'word' | 'sentence' });
    segment(text: string): { containing(at: number): { index: number } | undefined };
  }
}
/** An engine that does not know the second argument ignores it. */
interface ErrorConstructor {
  new (message?: string, options?: { cause?: unknown }): Error;
}
