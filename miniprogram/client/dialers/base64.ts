/** Base64 (RFC 4648) by hand: runtimes of mini-programs have neither `atob` nor `btoa`. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function toBase64(buffer: ArrayBuffer): string {
  const bytes = new Uint8Array(buffer);
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    // Bytes beyond the end count as 0.
    const bits = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    for (let digit = 0; digit < 4; digit++)
      text += digit > left ? '=' : DIGITS.charAt((bits >> (18 - 6 * digit)) & 63);
  }
  return text;
}

/** What is no digit is skipped. */
export function fromBase64(text: string): ArrayBuffer {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (const char of text) {
    const digit = DIGITS.indexOf(char);
    if (digit < 0) continue;
    bits = (bits << 6) | digit;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push((bits >> count) & 255);
    }
  }
  return new Uint8Array(bytes).buffer;
}
