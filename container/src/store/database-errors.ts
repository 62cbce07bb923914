import { VoiceError } from '../../../contract/errors.ts';

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');
const messageOf = (error: unknown): string => String((error as { message?: unknown } | null)?.message ?? '');

/**
 * A document of that id, or of that unique key, exists. Documented as DATABASE_DUPLICATE_WRITE, but seen in real
 * reports as DATABASE_REQUEST_FAILED with the database's own E11000 text.
 */
export const isDuplicate = (error: unknown): boolean =>
  codeOf(error) === 'DATABASE_DUPLICATE_WRITE' || /E11000 duplicate key/.test(messageOf(error));

/** Another transaction changed the same document. */
export const isConflict = (error: unknown): boolean => codeOf(error) === 'DATABASE_TRANSACTION_CONFLICT';

/** Whatever the database or the way to it failed with, as our one retriable error; the cause is kept for the log. */
export const unavailable = (cause: unknown): VoiceError =>
  cause instanceof VoiceError ? cause : new VoiceError('STORE_UNAVAILABLE', { cause });
