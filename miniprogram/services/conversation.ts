import type { WireError } from '../../contract/errors.ts';
import { readWireError } from './local-errors.ts';
import type { Connection } from './transport.ts';

export interface ConversationHandlers {
  /** Something was answered, whatever it was. */
  heard(): void;
  refused(error: WireError, event: string): void;
  /** No answer, or one that cannot be read. */
  broken(reason: string): void;
}

/**
 * Requests on one connection at a time. What belongs to an earlier connection is never heard again: whoever needs it asks
 * anew after the next `start`.
 */
export class Conversation {
  readonly #handlers: ConversationHandlers;
  #connection: Connection | null = null;

  constructor(handlers: ConversationHandlers) {
    this.#handlers = handlers;
  }

  /** The connection to talk on from now; null: none. */
  use(connection: Connection | null): void {
    this.#connection = connection;
  }

  get connected(): boolean {
    return this.#connection !== null;
  }

  emit(event: string, ...args: unknown[]): void {
    this.#connection?.emit(event, ...args);
  }

  /** `read` answers null for what is no answer; `done` gets what it read. */
  ask<T>(
    event: string,
    args: unknown[],
    timeoutMs: number,
    read: (answer: unknown) => T | null,
    done: (answer: T) => void,
  ): void {
    const connection = this.#connection;
    connection?.request(event, args, timeoutMs, (outcome) => {
      if (connection !== this.#connection) return;
      this.#handlers.heard();
      const answer = outcome.answered ? outcome.answer : undefined;
      const refusal = readWireError((answer as { error?: unknown } | null | undefined)?.error);
      const value = outcome.answered && !refusal ? read(answer) : null;
      if (value !== null) done(value);
      else if (refusal) this.#handlers.refused(refusal, event);
      else this.#handlers.broken(`${event} ${outcome.answered ? 'unreadable' : outcome.why}`);
    });
  }
}
