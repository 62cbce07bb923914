import * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';

/** A cursor holds a position, not a page number: new records do not shift it. Opaque to clients, checked when read. */
export const writeCursor = (position: object): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/**
 * Reads a cursor that a client sent back.
 * @throws VoiceError BAD_REQUEST with detail `cursor`
 */
export function readCursor<S extends v.GenericSchema>(
  text: string | null | undefined,
  schema: S,
): v.InferOutput<S> | null {
  if (text === null || text === undefined || text === '') return null;
  try {
    return v.parse(schema, JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new VoiceError('BAD_REQUEST', { detail: 'cursor' });
  }
}
