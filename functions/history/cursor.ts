import * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import { idSchema } from '../../contract/stream.ts';
import type { Condition, Store } from '../shared/store.ts';

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

/** The largest distance from 1970 that a Date can hold, ms (ECMAScript, "Time Values and Time Range"). */
const MAX_DATE_MS = 8.64e15;
/** A position in the list: a session's start, epoch ms, and its id among equal starts. */
export const positionSchema = v.strictObject({
  t: v.pipe(v.number(), v.safeInteger(), v.minValue(-MAX_DATE_MS), v.maxValue(MAX_DATE_MS)),
  id: idSchema,
});
export type Position = v.InferOutput<typeof positionSchema>;

/** Newest first; the id decides between equal times, so that the order is the same on every page. */
export const NEWEST_FIRST = [
  ['startedAt', 'desc'],
  ['_id', 'desc'],
] as const;

/** The sessions that come after `position` in the list (with `inclusive`, that one too). */
export function listedAfter(
  position: Position | null,
  command: Store['command'],
  inclusive = false,
): Condition[] {
  if (!position) return [];
  const at = new Date(position.t);
  return [
    // bounds the index scan; the alternative below only decides among equal times
    { startedAt: command.lte(at) },
    command.or(
      { startedAt: command.lt(at) },
      { _id: inclusive ? command.lte(position.id) : command.lt(position.id) },
    ) as unknown as Condition,
  ];
}

export const positionOf = (session: { _id: string; startedAt: Date }): Position => ({
  t: session.startedAt.getTime(),
  id: session._id,
});
