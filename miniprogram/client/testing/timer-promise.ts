/**
 * On iOS 15 and below the mini-program's `Promise` is a polyfill over `setTimeout`: what is given to `then` runs in a later
 * task, not in a microtask (WeChat documentation, "JavaScript 支持情况", "Promise 时序差异"). This makes `then` of the present realm
 * do the same. `await` of a native promise is not changed. Refers to nothing outside, so that its text can be run in a browser.
 * @returns a function that undoes it
 */
export function delayThen(): () => void {
  const { prototype } = Promise;
  const native = prototype.then;
  // biome-ignore lint/suspicious/noThenProperty: this is the one of Promise
  prototype.then = function delayed(this: Promise<unknown>, done, failed) {
    const later =
      <T, R>(fn: ((value: T) => R | PromiseLike<R>) | null | undefined) =>
      (value: T): Promise<R> =>
        new Promise((resolve, reject) => {
          setTimeout(() => {
            try {
              resolve((fn as (value: T) => R)(value));
            } catch (error) {
              reject(error);
            }
          }, 0);
        });
    return native.call(this, done && later(done), failed && later(failed));
  } as typeof native;
  return () => {
    // biome-ignore lint/suspicious/noThenProperty: as above
    prototype.then = native;
  };
}
