import { collectionExists, collectionMissing } from '../errors.ts';
import { Collection } from './collection.ts';
import { Locks } from './locks.ts';
import type { IndexSpec } from './ordered-index.ts';
import { type Changes, Unit } from './unit.ts';
import type { Doc } from './values.ts';

/** One committed batch, as it is kept: all of it or nothing. */
export type CommitRecord =
  | { create: string }
  | { changes: { collection: string; id: string; doc: Doc | null }[] };

/** Keeps a batch before it takes effect; throws where it could not be kept, and then it takes no effect. */
export type Keep = (record: CommitRecord) => void;

/** All collections, with commits in one order. */
export class Database {
  readonly locks = new Locks();
  readonly #collections = new Map<string, Collection>();
  readonly #declared: ReadonlyMap<string, readonly IndexSpec[]>;
  readonly #keep: Keep;
  #commits = 0;
  #openSnapshots = 0;

  constructor(declared: ReadonlyMap<string, readonly IndexSpec[]>, keep: Keep) {
    this.#declared = declared;
    this.#keep = keep;
  }

  /** Takes over what was kept, and creates the declared collections that are not there yet. */
  load(kept: ReadonlyMap<string, Map<string, Doc>>): void {
    for (const [name, docs] of kept) {
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
    this.#keep({ create: name });
    this.#collections.set(name, new Collection(name, this.#declared.get(name)));
  }

  /** A unit that sees what is committed when it reads. */
  plainUnit(): Unit {
    return new Unit(this.locks);
  }

  /** A unit that sees what is committed now; `closeSnapshot` must follow. */
  snapshotUnit(owner: string): Unit {
    this.#openSnapshots++;
    return new Unit(this.locks, owner, this.#commits);
  }

  closeSnapshot(): void {
    this.#openSnapshots--;
    if (this.#openSnapshots === 0) for (const collection of this.collections) collection.forgetPast();
  }

  commit(changes: Changes): void {
    const list = [...changes].flatMap(([collection, docs]) =>
      [...docs].map(([id, doc]) => ({ collection, id, doc })),
    );
    if (list.length === 0) return;
    this.#keep({ changes: list });
    this.#commits++;
    for (const { collection, id, doc } of list)
      this.collection(collection).apply(id, doc, this.#commits, this.#openSnapshots > 0);
  }
}
