import { utf8Of } from './bytes.ts';

export interface ZipEntry {
  name: string;
  bytes: Uint8Array;
}

/** Of the format, APPNOTE.TXT 6.3: signatures, the version that reads it (1.0), names in UTF-8, 1980-01-01 as the date. */
const LOCAL_HEADER = 0x0403_4b50;
const CENTRAL_HEADER = 0x0201_4b50;
const END_OF_DIRECTORY = 0x0605_4b50;
const VERSION = 10;
const UTF8_NAMES = 1 << 11;
const NO_DATE = (1 << 5) | 1;

/** CRC-32 of every byte, of the polynomial 0xedb88320. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb8_8320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}

/** Little-endian numbers, each with its size in bytes. */
function packed(fields: readonly (readonly [size: 2 | 4, value: number])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.buffer;
}

/** Names as they are, where a name comes again with a number before its ending: `周会.srt`, `周会 2.srt`. */
function distinct(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const dot = name.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
    let chosen = name;
    for (let number = 2; used.has(chosen); number++) chosen = `${stem} ${number}${ending}`;
    used.add(chosen);
    return chosen;
  });
}

/**
 * A ZIP archive of some files, which are stored as they are: text is small, and documents are compressed already. By hand, since a
 * mini-program takes only npm packages that are made for mini-programs.
 */
export function zipOf(entries: readonly ZipEntry[]): ArrayBuffer {
  const names = distinct(entries.map(({ name }) => name));
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  entries.forEach(({ bytes }, index) => {
    const name = utf8Of(names[index] as string);
    const common = [
      [2, VERSION],
      [2, UTF8_NAMES],
      [2, 0],
      [2, 0],
      [2, NO_DATE],
      [4, crc32(bytes)],
      [4, bytes.length],
      [4, bytes.length],
      [2, name.length],
      [2, 0],
    ] as const;
    const header = packed([[4, LOCAL_HEADER], ...common]);
    // No comment, the first disk, no attributes.
    const rest = [
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, offset],
    ] as const;
    files.push(header, name, bytes);
    directory.push(packed([[4, CENTRAL_HEADER], [2, VERSION], ...common, ...rest]), name);
    offset += header.length + name.length + bytes.length;
  });
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  const count = entries.length;
  const end = [
    [4, END_OF_DIRECTORY],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
  ] as const;
  return joined([...files, ...directory, packed([...end, [4, directoryBytes], [4, offset], [2, 0]])]);
}
