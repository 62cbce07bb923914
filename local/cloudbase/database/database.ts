import { collectionExists, collectionMissing } from '../errors.ts';
import { Collection } from './collection.ts';
import { Locks } from './locks.ts';
import type { IndexSpec } from './ordered-index.ts';
import { type Changes, UnitOfWork } from './unit-of-work.ts';
import type { Doc } from './values.ts';

/** One committed batch, as it is written to the log: all of it or nothing. */
export type CommitRecord =
  | { create: string }
  | { changes: { collection: string; id: string; doc: Doc | null }[] };

/** Writes a batch to the log before it takes effect. @throws when it cannot: then the batch takes no effect */
export type Persist = (record: CommitRecord) => void;

/** All collections, with commits in one order. */
export class Database {
  readonly locks = new Locks();
  readonly #collections = new Map<string, Collection>();
  readonly #declared: ReadonlyMap<string, readonly IndexSpec[]>;
  readonly #persist: Persist;
  #commits = 0;
  #openSnapshots = 0;

  constructor(declared: ReadonlyMap<string, readonly IndexSpec[]>, persist: Persist) {
    this.#declared = declared;
    this.#persist = persist;
  }

  /** Takes over what the log holds, and creates the declared collections that are not in it. */
  load(stored: ReadonlyMap<string, Map<string, Doc>>): void {
    for (const [name, docs] of stored) {
      const collection = new Collection(name, this.#declared.get(name));
      collection.load(docs);
      this.#collections.set(name, collection);
    }
    for (const name of this.#declared.keys()) if (!this.#collections.has(name)) this.create(name);
  }

  get collections(): Iterable<Collection> {
    return this.#collections.values();
  }

  /** All committed documents by collection and id. */
  *content(): Generator<readonly [collection: string, docs: Iterable<readonly [id: string, doc: Doc]>]> {
    for (const [name, collection] of this.#collections) yield [name, collection.entries()];
  }

  collection(name: string): Collection {
    const collection = this.#collections.get(name);
    if (!collection) throw collectionMissing(name);
    return collection;
  }

  create(name: string): void {
    if (this.#collections.has(name)) throw collectionExists(name);
    this.#persist({ create: name });
    this.#collections.set(name, new Collection(name, this.#declared.get(name)));
  }

  /** A unit of work that sees what is committed when it reads. */
  createPlainUnit(): UnitOfWork {
    return new UnitOfWork(this.locks);
  }

  /** A unit of work that sees what is committed now; `closeSnapshot` must follow. */
  createSnapshotUnit(owner: string): UnitOfWork {
    this.#openSnapshots++;
    return new UnitOfWork(this.locks, owner, this.#commits);
  }

  closeSnapshot(): void {
    this.#openSnapshots--;
    if (this.#openSnapshots === 0) for (const collection of this.collections) collection.dropVersions();
  }

  commit(changes: Changes): void {
    const list = [...changes].flatMap(([collection, docs]) =>
      [...docs].map(([id, doc]) => ({ collection, id, doc })),
    );
    if (list.length === 0) return;
    this.#persist({ changes: list });
    this.#commits++;
    for (const { collection, id, doc } of list)
      this.collection(collection).apply(id, doc, this.#commits, this.#openSnapshots > 0);
  }
}
