/**
 * What the rules of the records need of a database: transactions made of `doc()` operations only, because in the
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
 * Runs `fn` in a transaction and retries conflicts and duplicate keys itself, bounded, with backoff. `fn` may run
 * several times, so it changes nothing but through `tx`.
 * @throws VoiceError CONFLICT (retries used up), STORE_UNAVAILABLE
 */
export type RunTransaction = <T>(fn: (tx: RecordsTx) => Promise<T>) => Promise<T>;
