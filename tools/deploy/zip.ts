import { crc32, deflateRawSync } from 'node:zlib';

/** Of the ZIP format (APPNOTE 6.3, §4.3.7, §4.3.12, §4.3.16). */
const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
/** 2.0: deflate. */
const VERSION = 20;
/** Made by Unix, so that the modes below count. */
const MADE_BY = (3 << 8) | VERSION;
const UTF8_NAMES = 1 << 11;
const DEFLATE = 8;
/** 1980-01-01: the same files make the same package. */
const DATE = (1 << 5) | 1;
/** A file that everybody may read, in the upper half. */
const MODE = (0o100644 << 16) >>> 0;

export interface ZipFile {
  name: string;
  data: Buffer;
}

/** Header fields as [size in bytes, value]. */
function fields(...values: [bytes: 2 | 4, value: number][]): Buffer {
  const buffer = Buffer.alloc(values.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of values) at = buffer.writeUIntLE(value, at, bytes);
  return buffer;
}

/** Packs files. Nothing but their names and content counts: no times, no owners. */
export function zip(files: readonly ZipFile[]): Buffer {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of files) {
    const bytes = Buffer.from(name);
    const packed = deflateRawSync(data, { level: 9 });
    /** What the header of a file and its entry in the directory have in common. */
    const common: [2 | 4, number][] = [
      [2, VERSION],
      [2, UTF8_NAMES],
      [2, DEFLATE],
      [2, 0],
      [2, DATE],
      [4, crc32(data)],
      [4, packed.length],
      [4, data.length],
      [2, bytes.length],
      [2, 0],
    ];
    const header = fields([4, LOCAL_HEADER], ...common);
    local.push(header, bytes, packed);
    directory.push(
      fields([4, DIRECTORY_ENTRY], [2, MADE_BY], ...common, [2, 0], [2, 0], [2, 0], [4, MODE], [4, offset]),
      bytes,
    );
    offset += header.length + bytes.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = fields(
    [4, END_OF_DIRECTORY],
    [2, 0],
    [2, 0],
    [2, files.length],
    [2, files.length],
    [4, listed.length],
    [4, offset],
    [2, 0],
  );
  return Buffer.concat([...local, listed, end]);
}
