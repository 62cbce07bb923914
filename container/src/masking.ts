/**
 * Masks and unmasks WebSocket messages (RFC 6455 §5.3) four bytes at a time. The build puts this in the place of `bufferutil`, the native
 * module that ws uses where it is there: ws itself takes one byte at a time, which is felt with audio on both sides.
 */

const WORD_BYTES = 4;
/** The key as bytes and as one word, in the byte order of the machine. */
const keyBytes = new Uint8Array(WORD_BYTES);
const keyWord = new Int32Array(keyBytes.buffer);

/** Writes the first `length` bytes of `source`, masked, to `output` from `offset` on. */
export function mask(
  source: Uint8Array,
  key: Uint8Array,
  output: Uint8Array,
  offset: number,
  length: number,
): void {
  output.set(source.length === length ? source : source.subarray(0, length), offset);
  unmask(output.subarray(offset, offset + length), key);
}

/** Masks or unmasks `bytes` in place, which is the same. */
export function unmask(bytes: Uint8Array, key: Uint8Array): void {
  const { buffer, byteOffset, length } = bytes;
  if (length < 2 * WORD_BYTES) {
    xorBytes(bytes, key, 0, length);
    return;
  }
  // words begin at multiples of four bytes
  const first = (WORD_BYTES - (byteOffset % WORD_BYTES)) % WORD_BYTES;
  const words = new Int32Array(buffer, byteOffset + first, Math.floor((length - first) / WORD_BYTES));
  xorBytes(bytes, key, 0, first);
  for (let i = 0; i < WORD_BYTES; i++) keyBytes[i] = key[(first + i) % WORD_BYTES] as number;
  const word = keyWord[0] as number;
  for (let i = 0; i < words.length; i++) words[i] = (words[i] as number) ^ word;
  xorBytes(bytes, key, first + words.length * WORD_BYTES, length);
}

function xorBytes(bytes: Uint8Array, key: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) bytes[i] = (bytes[i] as number) ^ (key[i % WORD_BYTES] as number);
}
