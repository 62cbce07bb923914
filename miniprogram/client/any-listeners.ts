import { callSafely, Emitter, type Listener, without } from './emitter.ts';

/** A listener of every event: gets the name first. */
export type AnyListener = (event: string, ...args: unknown[]) => void;

/** Adds listeners that hear every event, whatever its name, coming in or going out. */
export class AnyEmitter<E, R> extends Emitter<E, R> {
  private incoming: readonly Listener[] = [];
  private outgoing: readonly Listener[] = [];

  /** Calls `fn(event, ...args)` for every event of the server, before the listeners of its name. */
  onAny(fn: AnyListener): this {
    this.incoming = this.incoming.concat(fn);
    return this;
  }

  prependAny(fn: AnyListener): this {
    this.incoming = [fn as Listener].concat(this.incoming);
    return this;
  }

  /** Removes one, or all. */
  offAny(fn?: AnyListener): this {
    this.incoming = fn ? without(this.incoming, fn) : [];
    return this;
  }

  listenersAny(): readonly Listener[] {
    return this.incoming;
  }

  /** Calls `fn(event, ...args)` for every event when it leaves; acknowledgements are none. */
  onAnyOutgoing(fn: AnyListener): this {
    this.outgoing = this.outgoing.concat(fn);
    return this;
  }

  prependAnyOutgoing(fn: AnyListener): this {
    this.outgoing = [fn as Listener].concat(this.outgoing);
    return this;
  }

  /** Removes one, or all. */
  offAnyOutgoing(fn?: AnyListener): this {
    this.outgoing = fn ? without(this.outgoing, fn) : [];
    return this;
  }

  listenersAnyOutgoing(): readonly Listener[] {
    return this.outgoing;
  }

  protected dispatchIncoming(args: readonly unknown[]): void {
    for (const fn of this.incoming) callSafely(fn, this, args);
    this.dispatch(args);
  }

  protected dispatchOutgoing(args: readonly unknown[]): void {
    for (const fn of this.outgoing) callSafely(fn, this, args);
  }
}
