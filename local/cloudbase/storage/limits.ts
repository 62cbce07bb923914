/** One file; held in memory while it is taken in. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
