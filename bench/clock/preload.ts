/**
 * Loaded into a process before its own code (`node --require`): its clocks and timers become those of a {@link ScaledTime}, so that
 * hours pass within minutes, and can be made to stand still. The program itself knows nothing of it. Timers inside Node.js (sockets,
 * HTTP keep-alive, `AbortSignal.timeout`) stay as they are. BENCH_CLOCK holds a `ClockStart` as JSON.
 */
import timers from 'node:timers';
import { promisify } from 'node:util';
import { answerParent } from '../processes/answering.ts';
import { type ClockStart, type Grant, ScaledTime } from './scaled-time.ts';

const NS_PER_MS = 1_000_000;
const MS_PER_SECOND = 1_000;

const realSetTimeout = globalThis.setTimeout;
const realClearTimeout = globalThis.clearTimeout;
const realHrtime = process.hrtime.bigint.bind(process.hrtime);
const time = new ScaledTime(
  {
    nowMs: () => Number(realHrtime()) / NS_PER_MS,
    setTimeout: (fn, ms) => realSetTimeout(fn, ms),
    clearTimeout: (timer) => realClearTimeout(timer),
  },
  JSON.parse(process.env.BENCH_CLOCK ?? '') as ClockStart,
);

type Callback = (...args: unknown[]) => void;

function replaceTimers(): void {
  const setter =
    (repeats: boolean) =>
    (fn: Callback, ms = 1, ...args: unknown[]) =>
      time.setTimer(args.length === 0 ? fn : () => fn(...args), ms, repeats);
  const clear = (timer: unknown): void => time.clearTimer(timer);
  const setTimeout = Object.assign(setter(false), {
    [promisify.custom]: (ms: number, value: unknown) =>
      new Promise((resolve) => time.setTimer(() => resolve(value), ms, false)),
  });
  const replaced = { setTimeout, setInterval: setter(true), clearTimeout: clear, clearInterval: clear };
  Object.assign(globalThis, replaced);
  Object.assign(timers, replaced);
}

function replaceClocks(): void {
  const RealDate = Date;
  function ScaledDate(...args: []): Date {
    return Reflect.construct(RealDate, args.length === 0 ? [time.nowMs()] : args, new.target ?? ScaledDate);
  }
  Object.defineProperty(ScaledDate, 'prototype', { value: RealDate.prototype });
  const now = (): number => Math.floor(time.nowMs());
  globalThis.Date = Object.assign(ScaledDate, {
    now,
    parse: RealDate.parse,
    UTC: RealDate.UTC,
  }) as unknown as DateConstructor;
  const startedMs = time.nowMs();
  Object.defineProperty(performance, 'now', { value: () => time.nowMs() - startedMs });
  const bigint = (): bigint => BigInt(Math.floor(time.nowMs() * NS_PER_MS));
  const hrtime = (since: readonly [number, number] = [0, 0]): [number, number] => {
    const ms = time.nowMs() - (since[0] * MS_PER_SECOND + since[1] / NS_PER_MS);
    const seconds = Math.floor(ms / MS_PER_SECOND);
    return [seconds, Math.floor((ms - seconds * MS_PER_SECOND) * NS_PER_MS)];
  };
  process.hrtime = Object.assign(hrtime, { bigint });
}

replaceTimers();
replaceClocks();
answerParent({
  grant: (grant: Grant) => time.grant(grant),
  timers: () => time.pending,
});
