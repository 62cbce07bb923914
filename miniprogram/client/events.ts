import type { AnyFunction, FunctionOf } from '../../lib/emitter.ts';

/** Events by name: `interface Events { result: (event: Result) => void }`. This one allows everything. */
export interface AnyEvents {
  // biome-ignore lint/suspicious/noExplicitAny: only the application knows what an untyped event carries
  [event: string]: (...args: any[]) => void;
}

/** Events of a namespace itself, beside those of the server. */
export interface ReservedEvents {
  /** Connected, at first or again. */
  connect: () => void;
  /** An attempt failed; `code` and `context` as in {@link ConnectError}. */
  // biome-ignore lint/suspicious/noExplicitAny: `err.data` is whatever the server's middleware sent
  connect_error: (error: Error & { code?: string; data?: any; context?: unknown }) => void;
  /** The connection was lost, or left; for the reasons see {@link DisconnectReason}. */
  disconnect: (reason: string, details?: unknown) => void;
}

/** Arguments of an event, an acknowledgement callback at the end included. */
export type Args<E, N extends keyof E> = Parameters<FunctionOf<E[N]>>;

type Last<T extends unknown[]> = T extends [...unknown[], infer L] ? L : unknown;
/** Arguments without the acknowledgement callback. */
export type WithoutAck<T extends unknown[]> = T extends [...infer H, infer L]
  ? NonNullable<L> extends AnyFunction
    ? H
    : T
  : T extends [...infer H, (infer L)?]
    ? NonNullable<L> extends AnyFunction
      ? H
      : T
    : T;
// biome-ignore lint/suspicious/noExplicitAny: the answer to an untyped event
type Untyped = any;
/**
 * What the acknowledgement brings: the first argument of the callback, or the second of an error-first one. That one is optional,
 * since it is missing beside an error; with an answer it is there.
 */
export type AckOf<T extends unknown[]> = number extends T['length']
  ? Untyped
  : NonNullable<Last<Required<T>>> extends (...args: infer P) => void
    ? Error | null extends P[0]
      ? Required<P>[1]
      : P[0]
    : unknown;

// biome-ignore lint/suspicious/noExplicitAny: the parameters are inferred
type ErrorFirst<F> = F extends (...args: infer P extends any[]) => infer R
  ? (error: Error | null, ...args: Partial<P>) => R
  : F;
/** The same events where every acknowledgement callback gets an error first: after `timeout(ms)`. */
export type WithTimeout<E> = {
  [N in keyof E]: E[N] extends (...args: infer P) => infer R
    ? (...args: { [K in keyof P]: ErrorFirst<P[K]> }) => R
    : E[N];
};
