import type { Device } from '../device.ts';
import type { Pages } from '../pages.ts';

/** What the groups of `wx` members are created from. */
export interface WxContext {
  device: Device;
  /** A function, because the shim is created before the pages are. */
  pages: () => Pages;
}

export interface CallbackOptions {
  // biome-ignore lint/suspicious/noExplicitAny: the typings' own shape of a callback
  success?: (result: any) => void;
  // biome-ignore lint/suspicious/noExplicitAny: the typings' own shape of a callback
  fail?: (error: any) => void;
  // biome-ignore lint/suspicious/noExplicitAny: the typings' own shape of a callback
  complete?: (result: any) => void;
}

/** The result of an API, without the `errMsg` that is added here. */
type Answer<O extends CallbackOptions> = Omit<Parameters<NonNullable<O['success']>>[0], 'errMsg'>;

type AsyncApi<O extends CallbackOptions> = <T extends O>(
  options?: T,
) => WechatMiniprogram.PromisifySuccessResult<T, O>;

/** A failure with WeChat's `errMsg`; `errno` where the documentation gives one. */
export class WxError extends Error {
  readonly errno: number | undefined;
  readonly extra: Record<string, unknown>;

  constructor(message: string, extra: Record<string, unknown> & { errno?: number } = {}) {
    super(message);
    this.name = 'WxError';
    this.errno = extra.errno;
    this.extra = extra;
  }
}

const failure = (name: string, error: unknown): Record<string, unknown> => {
  const message = error instanceof Error ? error.message : String(error);
  const errMsg = message.startsWith(`${name}:fail`) ? message : `${name}:fail ${message}`;
  return { errMsg, ...(error instanceof WxError ? error.extra : {}) };
};

/** WeChat's style of an answer: with a callback there is no promise. */
export const promiseOrCallbacks = <T>(
  promise: Promise<T>,
  { success, fail, complete }: CallbackOptions,
): Promise<T> | undefined => {
  if (!success && !fail && !complete) return promise;
  promise.then(
    (answer) => {
      success?.(answer);
      complete?.(answer);
    },
    (error: unknown) => {
      fail?.(error);
      complete?.(error);
    },
  );
  return undefined;
};

/** An API in WeChat's style. A rejection is a plain object `{ errMsg }`, as on the phone — not an `Error`. */
export const asyncApi = <O extends CallbackOptions>(
  name: string,
  // biome-ignore lint/suspicious/noConfusingVoidType: what an API without an answer returns
  run: (options: O) => Answer<O> | void | Promise<Answer<O> | void>,
): AsyncApi<O> =>
  ((options: O = {} as O) => {
    const promise = Promise.resolve()
      .then(() => run(options))
      .then(
        (answer) => ({ errMsg: `${name}:ok`, ...answer }),
        (error: unknown) => Promise.reject(failure(name, error)),
      );
    return promiseOrCallbacks(promise, options);
  }) as AsyncApi<O>;

/** A pair of `onX`/`offX`; `offX()` without a function removes all. */
export const createListeners = <F extends (...args: never[]) => void>() => {
  const all = new Set<F>();
  return {
    on: (listener: F): void => {
      all.add(listener);
    },
    off: (listener?: (...args: never[]) => void): void => {
      if (listener === undefined) all.clear();
      else all.delete(listener as F);
    },
    emit: (...args: Parameters<F>): void => {
      for (const listener of [...all]) listener(...args);
    },
  };
};
