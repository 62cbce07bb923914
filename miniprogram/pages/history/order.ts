import type { SessionSummary } from '../../../contract/functions.ts';
import type { Entry } from './items.ts';

/** Newest first; equal times by id, as the service orders them. */
export const isBefore = (a: SessionSummary, b: SessionSummary): boolean =>
  a.startedAt !== b.startedAt ? a.startedAt > b.startedAt : a.sessionId > b.sessionId;

/** Two parts of the list as one, in order; an entry of both is taken once. */
export function joined(first: readonly Entry[], second: readonly Entry[]): Entry[] {
  const known = new Set(first.map(({ session }) => session.sessionId));
  const all = [...first, ...second.filter(({ session }) => !known.has(session.sessionId))];
  return all.sort((a, b) => (isBefore(a.session, b.session) ? -1 : 1));
}

export const lastPinnedFirst = (entries: readonly Entry[]): Entry[] =>
  [...entries].sort((a, b) => (b.session.pinnedAt ?? 0) - (a.session.pinnedAt ?? 0));
