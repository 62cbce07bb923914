/**
 * Compresses into the bzip2 format, for tests: correct, and neither small nor fast. Every symbol gets a code of the same length, and
 * blocks are sorted naively, so it is for content of some kilobytes.
 */

const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;
/** Run-length coding of the input: four equal bytes are followed by the number of further ones. */
const RUN = 4;
const MAX_FURTHER = 251;
/** Symbols per choice of a code table. */
const GROUP = 50;
const BLOCK_BYTES = 4_000;

class BitWriter {
  readonly bytes: number[] = [];
  #bits = 0;
  #count = 0;

  write(value: number, width: number): void {
    for (let i = width - 1; i >= 0; i--) {
      this.#bits = (this.#bits << 1) | ((value >>> i) & 1);
      this.#count += 1;
      if (this.#count < 8) continue;
      this.bytes.push(this.#bits);
      this.#bits = 0;
      this.#count = 0;
    }
  }

  flush(): void {
    while (this.#count > 0) this.write(0, 1);
  }
}

/** CRC-32 with the highest bit first. */
function crcOf(data: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of data) {
    crc ^= byte << 24;
    for (let i = 0; i < 8; i++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return ~crc >>> 0;
}

function runLengths(data: Uint8Array): number[] {
  const coded: number[] = [];
  for (let at = 0; at < data.length; ) {
    const byte = data[at] as number;
    let length = 1;
    while (length < RUN + MAX_FURTHER && data[at + length] === byte) length += 1;
    for (let i = 0; i < Math.min(length, RUN); i++) coded.push(byte);
    if (length >= RUN) coded.push(length - RUN);
    at += length;
  }
  return coded;
}

/** Burrows–Wheeler transform: the last column of the sorted rotations, and the row of the original. */
function transform(data: readonly number[]): { last: number[]; origin: number } {
  const size = data.length;
  const rows = Array.from({ length: size }, (_, i) => i).sort((a, b) => {
    for (let i = 0; i < size; i++) {
      const difference = (data[(a + i) % size] as number) - (data[(b + i) % size] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return { last: rows.map((row) => data[(row + size - 1) % size] as number), origin: rows.indexOf(0) };
}

/** Move-to-front, with runs of zeros in base 2: 0 and 1 are its digits, other values are one higher, the highest is the end. */
function symbolsOf(last: readonly number[], alphabet: readonly number[]): number[] {
  const order = [...alphabet];
  const symbols: number[] = [];
  let zeros = 0;
  const endRun = (): void => {
    for (; zeros > 0; zeros = (zeros - 1) >> 1) symbols.push(zeros & 1 ? 0 : 1);
  };
  for (const byte of last) {
    const at = order.indexOf(byte);
    if (at === 0) {
      zeros += 1;
      continue;
    }
    endRun();
    symbols.push(at + 1);
    order.splice(at, 1);
    order.unshift(byte);
  }
  endRun();
  return [...symbols, alphabet.length + 1];
}

function writeBlock(bits: BitWriter, data: Uint8Array): number {
  const crc = crcOf(data);
  const coded = runLengths(data);
  const { last, origin } = transform(coded);
  const alphabet = [...new Set(coded)].sort((a, b) => a - b);
  const symbols = symbolsOf(last, alphabet);
  for (const part of BLOCK_MAGIC) bits.write(part, 24);
  bits.write(crc, 32);
  bits.write(0, 1);
  bits.write(origin, 24);
  const has = (byte: number): number => (alphabet.includes(byte) ? 1 : 0);
  const ranges = Array.from({ length: 16 }, (_, range) =>
    Array.from({ length: 16 }, (_, i) => has(range * 16 + i)),
  );
  for (const range of ranges) bits.write(range.includes(1) ? 1 : 0, 1);
  for (const range of ranges) if (range.includes(1)) for (const used of range) bits.write(used, 1);
  const groups = Math.ceil(symbols.length / GROUP);
  bits.write(2, 3);
  bits.write(groups, 15);
  for (let i = 0; i < groups; i++) bits.write(0, 1);
  const count = alphabet.length + 2;
  const width = Math.ceil(Math.log2(count));
  for (let table = 0; table < 2; table++) {
    bits.write(width, 5);
    for (let i = 0; i < count; i++) bits.write(0, 1);
  }
  for (const symbol of symbols) bits.write(symbol, width);
  return crc;
}

/** Content as a `.bz2` file. */
export function bzip2(content: Uint8Array): Uint8Array {
  const bits = new BitWriter();
  for (const char of 'BZh9') bits.write(char.charCodeAt(0), 8);
  let combined = 0;
  for (let at = 0; at < content.length; at += BLOCK_BYTES) {
    const crc = writeBlock(bits, content.subarray(at, at + BLOCK_BYTES));
    combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
  }
  for (const part of END_MAGIC) bits.write(part, 24);
  bits.write(combined, 32);
  bits.flush();
  return Uint8Array.from(bits.bytes);
}
