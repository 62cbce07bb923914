/**
 * Files of `contract/` decode Base64 and text on the server side. Only their types are used here, but the compiler reads
 * the whole file. WeChat has neither of the two, so they must not be called in the mini-program.
 */
declare function atob(data: string): string;
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
