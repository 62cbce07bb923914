import type * as v from 'valibot';
import type { DeletedCounts, HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { DAILY_STATS, PAGES, SESSIONS } from '../../contract/records.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import type { Condition } from '../shared/store.ts';
import { deleteUploads } from '../shared/uploads.ts';

/** One call begins no step after this: the app waits 20 s for an answer, and a step takes up to two requests of 6 s. */
const CALL_MS = 7_000;
/** Documents that one step changes; between steps other calls reach the database. */
const STEP_DOCUMENTS = 100;

/** Handles some of what there is. @returns how much; 0: nothing is left */
type Step = (call: CallContext) => Promise<number>;

/**
 * In this order: sessions are hidden under a raised epoch first, so that nothing shows them any more and no stream adds to them;
 * when they are removed, nothing can add to the statistics any more.
 */
const STEPS: readonly { counts?: keyof DeletedCounts; run: Step }[] = [
  { run: hideSessions },
  { counts: 'pages', run: (call) => removeSome(PAGES, {}, [], call) },
  {
    counts: 'sessions',
    run: (call) => removeSome(SESSIONS, { deletedAt: call.store.command.neq(null) }, [], call),
  },
  { counts: 'days', run: (call) => removeSome(DAILY_STATS, {}, ['updatedAt'], call) },
  {
    counts: 'files',
    run: (call) => deleteUploads(ownedBy(call.caller), call),
  },
];

/**
 * Deletes all that is stored of the caller, for good, in steps: a call ends after about {@link CALL_MS}, and the next one goes on,
 * also after a failure. `done` where one pass over everything found nothing left.
 * @throws VoiceError STORE_UNAVAILABLE
 */
export async function deleteAll(
  _request: v.InferOutput<typeof HISTORY_ACTIONS.deleteAll>,
  call: CallContext,
): Promise<HistoryAnswers['deleteAll']> {
  const endMs = call.clock.now() + CALL_MS;
  const deleted: DeletedCounts = { sessions: 0, pages: 0, days: 0, files: 0 };
  for (let handled = -1; handled !== 0; ) {
    handled = 0;
    for (const { counts, run } of STEPS) {
      for (let some = -1; some !== 0; ) {
        if (call.clock.now() >= endMs) return { done: false, deleted };
        some = await run(call);
        handled += some;
        if (counts) deleted[counts] += some;
      }
    }
  }
  return { done: true, deleted };
}

/** Marks sessions as deleted, as `delete` does: by id, so that it does not matter when the request takes place. */
async function hideSessions({ caller, store, nowMs }: CallContext): Promise<number> {
  const shown = { ...ownedBy(caller), deletedAt: store.command.eq(null) };
  const found = await store.find<{ _id: string }>(SESSIONS, {
    where: shown,
    limit: STEP_DOCUMENTS,
    fields: ['_id'],
  });
  if (found.length === 0) return 0;
  await store.update(
    SESSIONS,
    { ...shown, _id: store.command.in(found.map(({ _id }) => _id)) },
    { deletedAt: new Date(nowMs), epoch: store.command.inc(1) },
  );
  return found.length;
}

/**
 * Removes some of the caller's documents.
 * @param stamp names of date fields: no document is removed in which they are newer than read, so that a request that arrives late
 *   removes no document that has come again under the same id
 */
async function removeSome(
  collection: string,
  condition: Condition,
  stamp: readonly string[],
  { caller, store }: CallContext,
): Promise<number> {
  const where = { ...ownedBy(caller), ...condition };
  const found = await store.find<{ _id: string } & Record<string, unknown>>(collection, {
    where,
    limit: STEP_DOCUMENTS,
    fields: ['_id', ...stamp],
  });
  if (found.length === 0) return 0;
  const unchanged = Object.fromEntries(
    stamp.map((field) => {
      const newest = Math.max(...found.map((document) => Number(document[field])));
      return [field, store.command.lte(new Date(newest))];
    }),
  );
  await store.remove(collection, {
    ...where,
    ...unchanged,
    _id: store.command.in(found.map(({ _id }) => _id)),
  });
  return found.length;
}
