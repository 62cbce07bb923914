import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** What would make two runs differ: real time, timers, random numbers, the network. By object and name. */
const FORBIDDEN: readonly (readonly [owner: object, name: string])[] = [
  [Date, 'now'],
  [Math, 'random'],
  [performance, 'now'],
  [process, 'hrtime'],
  [process, 'uptime'],
  [globalThis, 'setTimeout'],
  [globalThis, 'setInterval'],
  [globalThis, 'fetch'],
  [globalThis.crypto, 'randomUUID'],
  [globalThis.crypto, 'getRandomValues'],
  [crypto, 'randomUUID'],
  [crypto, 'randomBytes'],
  [crypto, 'randomInt'],
  [crypto, 'randomFillSync'],
];

/** `new Date()` without a time reads the real clock; everything else about dates stays. */
const dateWithoutNow = (original: DateConstructor): DateConstructor =>
  new Proxy(original, {
    construct(target, args) {
      if (args.length === 0) throw new Error('new Date() during a simulation');
      return Reflect.construct(target, args);
    },
    apply() {
      throw new Error('Date() during a simulation');
    },
  });

/**
 * From now on reading real time, setting real timers and drawing random numbers throws, so that a leak in the product or in the simulation
 * shows at once. `setImmediate` is the scheduler's.
 * @returns a function that allows it again
 */
export function forbidRealTime(): () => void {
  const originals = FORBIDDEN.map(([owner, name]) => Object.getOwnPropertyDescriptor(owner, name));
  const forbidden = (name: string) => () => {
    throw new Error(`${name} during a simulation`);
  };
  for (const [owner, name] of FORBIDDEN)
    Object.defineProperty(owner, name, { configurable: true, writable: true, value: forbidden(name) });
  const original = globalThis.Date;
  globalThis.Date = dateWithoutNow(original);
  syncBuiltinESMExports();
  return () => {
    globalThis.Date = original;
    for (const [at, [owner, name]] of FORBIDDEN.entries()) {
      const descriptor = originals[at];
      if (descriptor) Object.defineProperty(owner, name, descriptor);
      else Reflect.deleteProperty(owner, name);
    }
    syncBuiltinESMExports();
  };
}
