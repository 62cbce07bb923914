/**
 * A database transaction as the rules of the records need it: `doc()` operations only, because in the
 * CloudBase SDKs a `where()` write inside a transaction silently runs outside it.
 */
export interface RecordsTx {
  /** The document, or null. */
  get<T>(collection: string, id: string): Promise<T | null>;
  /** Creates or replaces; `doc` holds no `_id`. */
  set(collection: string, id: string, doc: object): Promise<void>;
  /** Sets the given top-level fields, each replaced as a whole. */
  update(collection: string, id: string, patch: object): Promise<void>;
  remove(collection: string, id: string): Promise<void>;
}

/**
 * Runs `fn` in a transaction; conflicts and duplicate keys are retried a bounded number of times. `fn` may run several
 * times, so its only effects are those through `tx`.
 * @throws VoiceError CONFLICT (retries used up), STORE_UNAVAILABLE
 */
export type RunTransaction = <T>(fn: (tx: RecordsTx) => Promise<T>) => Promise<T>;
