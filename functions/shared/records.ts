import { SCHEMA_VERSION, type Versioned } from '../../contract/records.ts';
import { type Records, upgraded } from '../../records/schema-version.ts';
import type { Condition, FindOptions, Store } from './store.ts';

/** By these a record's version is told, so a part of a record is never read without them. */
const VERSION_FIELDS = ['schemaVersion', 'oldestReader'] as const satisfies readonly (keyof Versioned)[];

/**
 * Records as this release knows them, whatever release has written them. One that is too new is among them: whoever reads more of
 * it than what no version changes asks `isReadable` first.
 */
export async function findRecords<C extends keyof Records, K extends keyof Records[C] = keyof Records[C]>(
  store: Store,
  collection: C,
  { fields, ...options }: Omit<FindOptions, 'fields'> & { fields?: readonly (K & string)[] },
): Promise<(Pick<Records[C], K> & Versioned)[]> {
  const found = await store.find<object>(collection, {
    ...options,
    ...(fields && { fields: [...fields, ...VERSION_FIELDS] }),
  });
  return found.map((stored) => upgraded(collection, stored) as Pick<Records[C], K> & Versioned);
}

/** Holds for records that this release may go on with; those of version 1 do not say who may. */
export const readableOnly = ({ command }: Store): Condition =>
  command.or(
    { oldestReader: command.eq(null) },
    { oldestReader: command.lte(SCHEMA_VERSION) },
  ) as unknown as Condition;
