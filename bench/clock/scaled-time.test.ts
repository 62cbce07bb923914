import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.ts';
import { ScaledTime } from './scaled-time.ts';

const EPOCH_MS = 1_000_000;
const SPEED = 60;
let real: FakeClock;
let time: ScaledTime;
let fired: number[];

/** Notes when it was called, ms since the start. */
const note = (): void => void fired.push(time.nowMs() - EPOCH_MS);
/** Lets scaled time pass until so many ms since the start. */
const grant = (untilMs: number): void =>
  time.grant({ fromRealMs: real.now(), scaledMs: time.nowMs(), untilMs: EPOCH_MS + untilMs });

beforeEach(() => {
  real = new FakeClock(0);
  fired = [];
  const timer = (cancel: () => void) => Object.assign(cancel, { ref: () => {}, unref: () => {} });
  time = new ScaledTime(
    {
      nowMs: () => real.now(),
      setTimeout: (fn, ms) => timer(real.after(ms, fn)) as unknown as NodeJS.Timeout,
      clearTimeout: (cancel) => (cancel as unknown as () => void)(),
    },
    { speed: SPEED, first: { fromRealMs: 0, scaledMs: EPOCH_MS, untilMs: EPOCH_MS + 3_600_000 } },
  );
});

test('an hour passes in a minute', () => {
  real.advanceSync(60_000);
  expect(time.nowMs() - EPOCH_MS).toBe(3_600_000);
});

test('a timer fires when its time has come, at the earliest', () => {
  time.setTimer(note, 1_000, false);
  real.advanceSync(16);
  expect(fired).toEqual([]);
  real.advanceSync(100);
  expect(fired).toEqual([1_020]);
  expect(time.pending).toBe(0);
});

test('an interval fires again and again until it is cleared', () => {
  const timer = time.setTimer(note, 60, true);
  real.advanceSync(3);
  time.clearTimer(Number(timer));
  real.advanceSync(10);
  expect(fired).toEqual([60, 120, 180]);
  expect(time.pending).toBe(0);
});

test('time passes no further than was granted; then timers have what was left to them', () => {
  grant(3_000);
  time.setTimer(note, 2_940, false);
  time.setTimer(note, 6_000, false);
  real.advanceSync(10_000);
  expect(time.nowMs() - EPOCH_MS).toBe(3_000);
  expect(fired).toEqual([2_940]);
  // set while time stands still
  time.setTimer(note, 120, false);
  real.advanceSync(1_000);
  grant(10_000);
  real.advanceSync(2);
  expect(fired).toEqual([2_940, 3_120]);
  real.advanceSync(48);
  expect(fired).toEqual([2_940, 3_120, 6_000]);
});

test('a timer that is cleared while it waits for a grant never fires', () => {
  grant(60);
  const timer = time.setTimer(note, 600, false);
  real.advanceSync(100);
  time.clearTimer(timer);
  grant(6_000);
  real.advanceSync(100);
  expect(fired).toEqual([]);
});

test('a refreshed timer begins anew, one that is closed never fires', () => {
  const [refreshed, closed] = [time.setTimer(note, 600, false), time.setTimer(note, 600, false)];
  real.advanceSync(5);
  refreshed.refresh();
  closed.close();
  real.advanceSync(20);
  expect(fired).toEqual([900]);
});
