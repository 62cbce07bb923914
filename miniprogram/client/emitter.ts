import { systemClock } from './clock.ts';
import type { EventName, ListenerOf } from './events.ts';

/** Any function; what it takes is known to the typed faces above this class. */
export type Listener = (...args: never[]) => void;

/**
 * Calls a function of the application. What it throws reaches the runtime's error handler from a timer of its own,
 * so one faulty listener neither hides an event from the others nor takes the connection down.
 */
export function callSafely(fn: Listener, self: unknown, args: readonly unknown[]): void {
  try {
    fn.apply(self, args as never[]);
  } catch (error) {
    systemClock.setTimeout(() => {
      throw error;
    }, 0);
  }
}

/**
 * Event listeners by name: events E of the application, R reserved ones. Lists are replaced, never changed, so a
 * listener may add and remove listeners while an event is told.
 */
export class Emitter<E, R = object> {
  private _lists = new Map<unknown, readonly Listener[]>();

  /** Calls `fn` at every event of this name, in order of registration. @param first before those that are there */
  on<N extends EventName<E> | EventName<R>>(event: N, fn: ListenerOf<E, R, N>, first?: boolean): this {
    const list = this.listeners(event);
    this._lists.set(event, first ? [fn as Listener].concat(list) : list.concat(fn));
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
      const list = fn ? this.listeners(event).slice() : [];
      const index = list.findIndex((one) => one === fn || (one as { _fn?: Listener })._fn === fn);
      if (index >= 0) list.splice(index, 1);
      this._lists.set(event, list);
    }
    return this;
  }

  listeners(event: EventName<E> | EventName<R>): readonly Listener[] {
    return this._lists.get(event) || [];
  }

  /** Calls the listeners of `args[0]` with the rest. */
  _dispatch(args: readonly unknown[]): void {
    this._call(args[0] as never, args.slice(1));
  }

  protected _call(event: EventName<E> | EventName<R>, args: readonly unknown[]): void {
    for (const fn of this.listeners(event)) callSafely(fn, this, args);
  }
}
