import type { BackoffRule } from '../../../lib/backoff.ts';

/** The upload of kept recordings: of each file and each call. After the last attempt the next start of the app goes on. */
export const AUDIO_UPLOAD = {
  ATTEMPTS: 4,
  BACKOFF: { firstMs: 2_000, maxMs: 30_000, jitter: 0.5 } as BackoffRule,
  /** A file of 240 KB takes this long at 4 KB/s. */
  WAIT_MS: 60_000,
} as const;

/** The download of a file of a recording that is played. */
export const AUDIO_DOWNLOAD = { ATTEMPTS: 2, WAIT_MS: 30_000 } as const;
