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
  private lists = new Map<unknown, readonly Listener[]>();

  /** Calls `fn` at every event of this name, in order of registration. */
  on<N extends EventName<E> | EventName<R>>(event: N, fn: ListenerOf<E, R, N>): this {
    this.lists.set(event, this.listeners(event).concat(fn));
    return this;
  }

  /** Calls `fn` at the next event of this name only. */
  once<N extends EventName<E> | EventName<R>>(event: N, fn: ListenerOf<E, R, N>): this {
    const once = ((...args: never[]) => {
      this.off(event, once);
      fn.apply(this, args);
    }) as typeof fn & { fn?: typeof fn };
    once.fn = fn;
    return this.on(event, once);
  }

  /** Removes one listener (its first registration), all of an event, or all. */
  off<N extends EventName<E> | EventName<R>>(event?: N, fn?: ListenerOf<E, R, N>): this {
    if (event === undefined) this.lists.clear();
    else this.lists.set(event, fn ? without(this.listeners(event), fn) : []);
    return this;
  }

  listeners(event: EventName<E> | EventName<R>): readonly Listener[] {
    return this.lists.get(event) || [];
  }

  /** Calls the listeners of `args[0]` with the rest. */
  protected dispatch(args: readonly unknown[]): void {
    const list = this.lists.get(args[0]);
    if (!list?.length) return;
    const rest = args.slice(1);
    for (const fn of list) callSafely(fn, this, rest);
  }
}

/** The list without the first registration of `fn`, `once` or not. */
export function without(list: readonly Listener[], fn: Listener): readonly Listener[] {
  const index = list.findIndex((one) => one === fn || (one as { fn?: Listener }).fn === fn);
  return list.filter((_, i) => i !== index);
}
