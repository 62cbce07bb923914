import * as v from 'valibot';
import type { Condition, Store } from '../shared/store.ts';

/** A place in the list: a session's start and, among equal starts, its id. */
export const placeSchema = v.strictObject({ t: v.pipe(v.number(), v.safeInteger()), id: v.string() });
export type Place = v.InferOutput<typeof placeSchema>;

/** Newest first; the id decides between equal times, so that the order is one and the same on every page. */
export const NEWEST_FIRST = [
  ['startedAt', 'desc'],
  ['_id', 'desc'],
] as const;

/** The sessions that come after `place` in the list (with `inclusive`, that one too). */
export function after(place: Place | null, is: Store['is'], inclusive = false): Condition[] {
  if (!place) return [];
  const at = new Date(place.t);
  return [
    // bounds the index scan; the alternative below only decides among equal times
    { startedAt: is.lte(at) },
    is.or(
      { startedAt: is.lt(at) },
      { _id: inclusive ? is.lte(place.id) : is.lt(place.id) },
    ) as unknown as Condition,
  ];
}

export const placeOf = (session: { _id: string; startedAt: Date }): Place => ({
  t: session.startedAt.getTime(),
  id: session._id,
});
