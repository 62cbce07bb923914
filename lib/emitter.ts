/** Any function; what it takes is known to the types of the class that keeps it. */
export type Listener = (...args: never[]) => void;

// biome-ignore lint/suspicious/noExplicitAny: matches every function type
export type AnyFunction = (...args: any[]) => void;
export type FunctionOf<F> = F extends AnyFunction ? F : never;

/** Names of the events that an interface of functions declares. */
export type EventName<E> = keyof E & (string | number);
/** A listener of the event N: as R declares it, or else as E does. */
export type ListenerOf<E, R, N> = N extends keyof R
  ? FunctionOf<R[N]>
  : N extends keyof E
    ? FunctionOf<E[N]>
    : never;

/**
 * Event listeners by name. Lists are replaced, never changed, so a listener may add and remove listeners while an event
 * is dispatched. Members that begin with `_` are for subclasses and the code around them; the build of the mini-program's
 * client shortens their names.
 * @typeParam E events, as an interface of functions
 * @typeParam R reserved events; they win over events of E that have the same name
 */
export abstract class Emitter<E, R = object> {
  private _lists = new Map<unknown, readonly Listener[]>();

  /** Calls `fn` at every event of this name, in order of registration. @param first before those that are there */
  on<N extends EventName<E> | EventName<R>>(event: N, fn: ListenerOf<E, R, N>, first?: boolean): this {
    const list = this.listeners(event);
    this._lists.set(event, first ? [fn, ...list] : [...list, fn]);
    return this;
  }

  /** Calls `fn` at the next event of this name only. */
  once<N extends EventName<E> | EventName<R>>(event: N, fn: ListenerOf<E, R, N>): this {
    const once = ((...args: never[]) => {
      this.off(event, once);
      fn.apply(this, args);
    }) as typeof fn & { _fn?: typeof fn };
    once._fn = fn;
    return this.on(event, once);
  }

  /** Removes one listener (its first registration), all of an event, or all there are. */
  off<N extends EventName<E> | EventName<R>>(event?: N, fn?: ListenerOf<E, R, N>): this {
    if (event === undefined) this._lists.clear();
    else {
      const list = this.listeners(event);
      const index = list.findIndex((one) => one === fn || (one as { _fn?: Listener })._fn === fn);
      this._lists.set(
        event,
        list.filter((_, at) => fn && at !== index),
      );
    }
    return this;
  }

  /** The listeners of this event, in the order in which they are called; of `once`: functions that call what was given. */
  listeners(event: EventName<E> | EventName<R>): readonly Listener[] {
    return this._lists.get(event) || [];
  }

  /** Calls the listeners of this event, in order of registration. */
  _dispatch(event: unknown, ...args: readonly unknown[]): void {
    this._callListeners(event, args);
  }

  protected _callListeners(event: unknown, args: readonly unknown[]): void {
    const list = this._lists.get(event);
    if (list) for (const fn of list) this._callSafely(fn, args);
  }

  /** Calls a function of the application. What it throws is reported, and disturbs neither other listeners nor the caller. */
  _callSafely(fn: Listener, args: readonly unknown[]): void {
    try {
      fn.apply(this, args as never[]);
    } catch (error) {
      this._report(error);
    }
  }

  /** Takes what a listener threw. */
  abstract _report(error: unknown): void;
}

/** An emitter for use as a member: its owner calls `emit`. */
export class EventEmitter<E> extends Emitter<E> {
  readonly _report: (error: unknown) => void;

  /** @param report takes what a listener throws */
  constructor(report: (error: unknown) => void) {
    super();
    this._report = report;
  }

  /** Calls the listeners of this event, in order of registration. */
  emit<N extends EventName<E>>(event: N, ...args: Parameters<FunctionOf<E[N]>>): void {
    this._callListeners(event, args);
  }

  /** As `on`. @returns a function that removes the listener */
  subscribe<N extends EventName<E>>(event: N, fn: E[N]): () => void {
    const listener = fn as ListenerOf<E, object, N>;
    this.on(event, listener);
    return () => this.off(event, listener);
  }
}
