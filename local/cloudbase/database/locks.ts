import { transactionConflict } from '../errors.ts';

/** A write outside of transactions needs what an open transaction has written: wait for `released`, then try again. */
export class DocumentLocked extends Error {
  readonly released: Promise<void>;
  constructor(released: Promise<void>) {
    super('locked by a transaction');
    this.name = 'DocumentLocked';
    this.released = released;
  }
}

interface Holder {
  names: Set<string>;
  released: Promise<void>;
  release: () => void;
}

/** Locks on what open transactions have written, held until they end. Only transactions hold locks. */
export class Locks {
  readonly #holderOf = new Map<string, string>();
  readonly #holders = new Map<string, Holder>();

  /** Takes `name` for a transaction; without an owner only checks that it is free. */
  acquire(name: string, owner: string | undefined): void {
    const holder = this.#holderOf.get(name);
    if (holder !== undefined && holder !== owner) {
      const released = this.#holders.get(holder)?.released;
      throw owner === undefined && released ? new DocumentLocked(released) : transactionConflict();
    }
    if (owner === undefined) return;
    this.#holderOf.set(name, owner);
    const held = this.#holders.get(owner) ?? newHolder();
    this.#holders.set(owner, held);
    held.names.add(name);
  }

  releaseAll(owner: string): void {
    const held = this.#holders.get(owner);
    if (!held) return;
    this.#holders.delete(owner);
    for (const name of held.names) this.#holderOf.delete(name);
    held.release();
  }
}

function newHolder(): Holder {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { names: new Set(), released, release };
}
