const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SEXTETS = new Map(Array.from(ALPHABET, (char, value) => [char.charCodeAt(0), value]));
const REPLACEMENT = 0xfffd;

/** Text as UTF-8; half of a surrogate pair becomes U+FFFD. A mini-program has no TextEncoder. */
export function utf8Of(text: string): Uint8Array<ArrayBuffer> {
  // At most three bytes for each UTF-16 unit; four for two of them.
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    const point = code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code;
    if (point < 0x80) bytes[length++] = point;
    else {
      const more = point < 0x800 ? 1 : point < 0x1_0000 ? 2 : 3;
      bytes[length++] = ((0xf80 >> more) & 0xff) | (point >> (6 * more));
      for (let at = more - 1; at >= 0; at--) bytes[length++] = 0x80 | ((point >> (6 * at)) & 0x3f);
    }
  }
  return bytes.slice(0, length);
}

/** The bytes of a Base64 text. WeChat's own `wx.base64ToArrayBuffer` is no longer maintained, and there is no `atob`. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const chars = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((chars.length * 3) / 4));
  let [bits, held, at] = [0, 0, 0];
  for (let i = 0; i < chars.length; i++) {
    bits = ((bits << 6) | (SEXTETS.get(chars.charCodeAt(i)) ?? 0)) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = (bits >> held) & 0xff;
    }
  }
  return bytes;
}
