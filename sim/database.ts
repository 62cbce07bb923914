import { applyUpdate, command, type Doc, fieldOf, matches, Operator, plain } from './documents.ts';
import type { Scheduler, SimulatedHost } from './scheduler.ts';

/** What becomes of one request. */
export interface RequestOutcome {
  latencyMs: number;
  /**
   * `error`: refused, nothing happens; `lost`: it happens, and no answer comes; `late`: no answer comes, and it happens
   * `lateMs` later; `gone`: nothing happens, and no answer comes.
   */
  effect?: 'error' | 'lost' | 'late' | 'gone';
  lateMs?: number;
}

/** The SDK gives a request up after this time. */
const TIMEOUT_MS = 5_000;
/** A transaction that is neither committed nor rolled back ends by itself. */
const TRANSACTION_MS = 30_000;

interface Stored {
  doc: Doc;
  version: number;
}

/** A document changed: called with what it was and what it is (undefined: it is not there). */
export type OnChange = (collection: string, before: Doc | undefined, after: Doc | undefined) => void;

/**
 * A document database on virtual time. A request is sent, executed some time later (perhaps after it was given up), and
 * answered, or not. Conditions and updates are really evaluated, at the time of execution, one request at a time.
 */
export class SimDatabase {
  readonly #scheduler: Scheduler;
  readonly #collections = new Map<string, Map<string, Stored>>();
  readonly #outcomeOf: (party: string, collection: string | undefined) => RequestOutcome;
  readonly #onChange: OnChange;
  #version = 0;
  requests = 0;

  constructor(
    scheduler: Scheduler,
    outcomeOf: (party: string, collection: string | undefined) => RequestOutcome,
    onChange: OnChange,
  ) {
    this.#scheduler = scheduler;
    this.#outcomeOf = outcomeOf;
    this.#onChange = onChange;
  }

  /** Without a request: for checks. */
  read(collection: string, id: string): Doc | undefined {
    return this.#in(collection).get(id)?.doc;
  }

  all(collection: string): Doc[] {
    return [...this.#in(collection).values()].map(({ doc }) => doc);
  }

  /** The database as the SDK of `party` gives it. */
  client(party: SimulatedHost) {
    const sendTo =
      (collection?: string): Send =>
      (execute) =>
        this.#send(party, collection, execute);
    const send = sendTo();
    return {
      command,
      collection: (name: string) => new Query(this, name, sendTo(name), {}),
      startTransaction: () => send(() => new Transaction(this, this.#scheduler, send)),
    };
  }

  find(collection: string, { where = {}, order = [], limit = 100, fields }: QueryOptions): Doc[] {
    const found = this.#candidates(collection, where).filter((doc) => matches(doc, where));
    for (const [field, direction] of [...order].reverse())
      found.sort((a, b) => {
        const [x, y] = [plain(fieldOf(a, field)), plain(fieldOf(b, field))] as [number, number];
        return (x < y ? -1 : x > y ? 1 : 0) * (direction === 'asc' ? 1 : -1);
      });
    return found.slice(0, limit).map((doc) => structuredClone(fields ? pick(doc, fields) : doc));
  }

  update(collection: string, where: unknown, update: Doc): number {
    let updated = 0;
    for (const doc of this.#candidates(collection, where)) {
      if (!matches(doc, where)) continue;
      const id = String(doc._id);
      const after = structuredClone(doc);
      applyUpdate(after, update);
      this.put(collection, id, after);
      updated += 1;
    }
    return updated;
  }

  remove(collection: string, where: unknown): number {
    const ids = [...this.#in(collection)].filter(([, { doc }]) => matches(doc, where)).map(([id]) => id);
    for (const id of ids) this.put(collection, id, undefined);
    return ids.length;
  }

  add(collection: string, doc: Doc): void {
    const id = String(doc._id);
    if (this.#in(collection).has(id))
      throw { code: 'DATABASE_DUPLICATE_WRITE', message: 'E11000 duplicate key' };
    this.put(collection, id, structuredClone(doc));
  }

  put(collection: string, id: string, doc: Doc | undefined): void {
    const docs = this.#in(collection);
    const before = docs.get(id)?.doc;
    this.#version += 1;
    if (doc) docs.set(id, { doc, version: this.#version });
    else docs.delete(id);
    this.#onChange(collection, before, doc);
  }

  /** 0: there is no such document. */
  versionOf(collection: string, id: string): number {
    return this.#in(collection).get(id)?.version ?? 0;
  }

  /** By `_id` where the condition has one: most requests do. */
  #candidates(collection: string, where: unknown): Doc[] {
    const id = where instanceof Operator ? undefined : (where as Doc)._id;
    if (typeof id !== 'string') return this.all(collection);
    const found = this.read(collection, id);
    return found ? [found] : [];
  }

  #in(collection: string): Map<string, Stored> {
    let docs = this.#collections.get(collection);
    if (!docs) {
      docs = new Map();
      this.#collections.set(collection, docs);
    }
    return docs;
  }

  /** @param collection undefined: the request belongs to a transaction */
  #send<T>(party: SimulatedHost, collection: string | undefined, execute: () => T): Promise<T> {
    this.requests += 1;
    const fate = this.#outcomeOf(party.name, collection);
    return new Promise((resolve, reject) => {
      const cancel = party.after(TIMEOUT_MS, () => reject({ code: 'ETIMEDOUT', message: 'timeout' }));
      const answer = (deliver: () => void) =>
        party.after(fate.latencyMs / 2, () =>
          this.#scheduler.deliver({}, () => {
            if (!party.alive) return;
            cancel();
            deliver();
          }),
        );
      const runNow = () => {
        try {
          const result = execute();
          if (fate.effect === undefined) answer(() => resolve(result));
        } catch (error) {
          if (fate.effect === undefined) answer(() => reject(error));
        }
      };
      if (fate.effect === 'gone') return;
      const arrival = fate.latencyMs / 2 + (fate.effect === 'late' ? (fate.lateMs ?? 0) + TIMEOUT_MS : 0);
      this.#scheduler.schedule(arrival, () =>
        this.#scheduler.deliver({}, () => {
          if (fate.effect === 'error') answer(() => reject({ code: 'SYS_ERR', message: 'injected' }));
          else runNow();
        }),
      );
    });
  }
}

interface QueryOptions {
  where?: unknown;
  order?: [string, 'asc' | 'desc'][];
  limit?: number;
  fields?: readonly string[];
}

/** As a query with `field` answers: `_id` is always there, and a field that the document has not is not. */
const pick = (doc: Doc, fields: readonly string[]): Doc =>
  Object.fromEntries(['_id', ...fields].filter((name) => name in doc).map((name) => [name, doc[name]]));

type Send = <T>(execute: () => T) => Promise<T>;

/** The part of the SDKs' queries that the product uses. */
class Query {
  readonly #db: SimDatabase;
  readonly #name: string;
  readonly #send: Send;
  readonly #options: QueryOptions;

  constructor(db: SimDatabase, name: string, send: Send, options: QueryOptions) {
    this.#db = db;
    this.#name = name;
    this.#send = send;
    this.#options = options;
  }

  #with(options: QueryOptions): Query {
    return new Query(this.#db, this.#name, this.#send, { ...this.#options, ...options });
  }

  where(where: unknown): Query {
    return this.#with({ where });
  }
  orderBy(field: string, direction: 'asc' | 'desc'): Query {
    return this.#with({ order: [...(this.#options.order ?? []), [field, direction]] });
  }
  limit(limit: number): Query {
    return this.#with({ limit });
  }
  field(fields: Record<string, unknown>): Query {
    return this.#with({ fields: Object.keys(fields) });
  }
  get(): Promise<{ data: Doc[] }> {
    return this.#send(() => ({ data: this.#db.find(this.#name, this.#options) }));
  }
  update(update: Doc): Promise<{ updated: number }> {
    return this.#send(() => ({
      updated: this.#db.update(this.#name, this.#options.where, update),
    }));
  }
  remove(): Promise<{ deleted: number }> {
    return this.#send(() => ({ deleted: this.#db.remove(this.#name, this.#options.where) }));
  }
  add(doc: Doc): Promise<{ id: string }> {
    return this.#send(() => {
      this.#db.add(this.#name, doc);
      return { id: String(doc._id) };
    });
  }
}

const CONFLICT = { code: 'DATABASE_TRANSACTION_CONFLICT', message: 'WriteConflict' };

/** Reads see the database as it is; a commit takes effect as a whole if nothing that was read or is written has changed. */
class Transaction {
  readonly #db: SimDatabase;
  readonly #send: Send;
  readonly #seen = new Map<string, { collection: string; id: string; version: number }>();
  readonly #writes: { collection: string; id: string; change: (doc: Doc | undefined) => Doc | undefined }[] =
    [];
  #over = false;

  constructor(db: SimDatabase, scheduler: Scheduler, send: Send) {
    this.#db = db;
    this.#send = send;
    scheduler.schedule(TRANSACTION_MS, () => {
      this.#over = true;
    });
  }

  collection(collection: string) {
    return {
      doc: (id: string) => ({
        get: () =>
          this.#send(() => {
            this.#touch(collection, id);
            return { data: structuredClone(this.#preview(collection, id)) ?? null };
          }),
        set: (doc: Doc) => this.#write(collection, id, () => ({ _id: id, ...structuredClone(doc) })),
        update: (update: Doc) =>
          this.#write(collection, id, (doc) => {
            if (!doc) return undefined;
            const after = structuredClone(doc);
            applyUpdate(after, update);
            return after;
          }),
        remove: () => this.#write(collection, id, () => undefined),
      }),
    };
  }

  commit(): Promise<void> {
    return this.#send(() => {
      if (this.#over) throw CONFLICT;
      this.#over = true;
      for (const { collection, id, version } of this.#seen.values())
        if (this.#db.versionOf(collection, id) !== version) throw CONFLICT;
      const touched = new Map(
        this.#writes.map(({ collection, id }) => [`${collection}/${id}`, { collection, id }]),
      );
      const after = [...touched.values()].map(({ collection, id }) => ({
        collection,
        id,
        doc: this.#preview(collection, id),
      }));
      for (const { collection, id, doc } of after) this.#db.put(collection, id, doc);
    });
  }

  rollback(): Promise<void> {
    return this.#send(() => {
      this.#over = true;
    });
  }

  #write(collection: string, id: string, change: (doc: Doc | undefined) => Doc | undefined): Promise<void> {
    return this.#send(() => {
      if (this.#over) throw CONFLICT;
      this.#touch(collection, id);
      this.#writes.push({ collection, id, change });
    });
  }

  #touch(collection: string, id: string): void {
    const key = `${collection}/${id}`;
    if (!this.#seen.has(key))
      this.#seen.set(key, { collection, id, version: this.#db.versionOf(collection, id) });
  }

  /** The document with this transaction's own writes. */
  #preview(collection: string, id: string): Doc | undefined {
    let doc = this.#db.read(collection, id);
    for (const write of this.#writes)
      if (write.collection === collection && write.id === id) doc = write.change(doc);
    return doc;
  }
}
