import { type Zippable, zipSync } from 'fflate';

/** Of files made by Unix (APPNOTE 6.3, §4.4.2), so that their modes count. */
const UNIX = 3;
/** A file that everybody may read, in the upper half of its attributes. */
const ATTRIBUTES = (0o100644 << 16) >>> 0;
/** The earliest that the format knows, in the time zone of this machine, in which it is written. */
const DATE = new Date(1980, 0, 1);

export interface ZipFile {
  name: string;
  data: Buffer;
}

/** Packs files. Nothing but their names and content counts: no times, no owners. */
export function zip(files: readonly ZipFile[]): Buffer {
  const attributes = { level: 9, mtime: DATE, os: UNIX, attrs: ATTRIBUTES } as const;
  const entries: Zippable = Object.fromEntries(
    files.map(({ name, data }) => [name, [data, attributes] as const]),
  );
  return Buffer.from(zipSync(entries));
}
