import * as v from 'valibot';
import type { Condition, Store } from '../shared/store.ts';

/** A position in the list: a session's start, epoch ms, and its id among equal starts. */
export const positionSchema = v.strictObject({ t: v.pipe(v.number(), v.safeInteger()), id: v.string() });
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
