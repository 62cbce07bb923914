import { Emitter, type Listener } from '../../lib/emitter.ts';

/** A listener of every event: gets the name first. */
export type AnyListener = (event: string, ...args: unknown[]) => void;

/** Keys of the two lists: names of events are texts and numbers. */
export const INCOMING = null as never;
export const OUTGOING = false as never;

/** Adds listeners of every event, whatever its name: of incoming ones, or of outgoing ones. */
export abstract class AnyEmitter<E, R> extends Emitter<E, R> {
  /** Calls `fn(event, ...args)` for every event of the server, before the listeners of its name. */
  onAny(fn: AnyListener): this {
    return this.on(INCOMING, fn as never);
  }

  /** As {@link onAny}, ahead of the listeners that are there. */
  prependAny(fn: AnyListener): this {
    return this.on(INCOMING, fn as never, true);
  }

  /** Removes one, or all. */
  offAny(fn?: AnyListener): this {
    return this.off(INCOMING, fn as never);
  }

  /** Those of {@link onAny}, in order. */
  listenersAny(): readonly Listener[] {
    return this.listeners(INCOMING);
  }

  /** Calls `fn(event, ...args)` for every event when it leaves; acknowledgements are none. */
  onAnyOutgoing(fn: AnyListener): this {
    return this.on(OUTGOING, fn as never);
  }

  /** As {@link onAnyOutgoing}, ahead of the listeners that are there. */
  prependAnyOutgoing(fn: AnyListener): this {
    return this.on(OUTGOING, fn as never, true);
  }

  /** Removes one, or all. */
  offAnyOutgoing(fn?: AnyListener): this {
    return this.off(OUTGOING, fn as never);
  }

  /** Those of {@link onAnyOutgoing}, in order. */
  listenersAnyOutgoing(): readonly Listener[] {
    return this.listeners(OUTGOING);
  }
}
