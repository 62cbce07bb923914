const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** The text is built in pieces: appending to one string of millions of characters is slow on phones. */
const PIECE_BYTES = 3 * 4_096;

/** Base64 of bytes. WeChat's own `wx.arrayBufferToBase64` is no longer maintained, and there is no `btoa`. */
export function base64Of(buffer: ArrayBuffer): string {
  const bytes = new Uint8Array(buffer);
  const pieces: string[] = [];
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    let text = '';
    const to = Math.min(from + PIECE_BYTES, bytes.length);
    for (let i = from; i < to; i += 3) {
      const [a = 0, b, c] = bytes.subarray(i, Math.min(i + 3, to));
      text += ALPHABET.charAt(a >> 2) + ALPHABET.charAt(((a & 3) << 4) | ((b ?? 0) >> 4));
      text += b === undefined ? '=' : ALPHABET.charAt(((b & 15) << 2) | ((c ?? 0) >> 6));
      text += c === undefined ? '=' : ALPHABET.charAt(c & 63);
    }
    pieces.push(text);
  }
  return pieces.join('');
}
