/** Listeners by event. A listener that throws disturbs neither the others nor the caller. */
export class Emitter<Events extends { [E in keyof Events]: (payload: never) => void }> {
  readonly #listeners = new Map<keyof Events, Set<(payload: unknown) => void>>();

  /** Adds a listener; the answer removes it. */
  on<E extends keyof Events>(event: E, fn: Events[E]): () => void {
    const listener = fn as unknown as (payload: unknown) => void;
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit<E extends keyof Events>(event: E, payload: Parameters<Events[E]>[0]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(payload);
      } catch (error) {
        console.error(`listener of "${String(event)}" failed`, error);
      }
    }
  }
}
