/** A minimal typed emitter: listeners are called in order, over a copy, so that they may leave while being called. */
export class Emitter<Events extends { [E in keyof Events]: (...args: never[]) => void }> {
  readonly #listeners = new Map<keyof Events, Set<Events[keyof Events]>>();

  /** Listens; the answer is a function that stops listening. */
  on<E extends keyof Events>(event: E, fn: Events[E]): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set);
    set.add(fn);
    return () => void set.delete(fn);
  }

  emit<E extends keyof Events>(event: E, ...args: Parameters<Events[E]>): void {
    for (const fn of [...(this.#listeners.get(event) ?? [])]) fn(...args);
  }
}
