import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { nodeClock } from './node-clock.ts';
import { timerOn } from './timer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const fake = new FakeClock();

describe.each([
  { name: 'of Node', clock: nodeClock, advance: (ms: number) => vi.advanceTimersByTime(ms) },
  { name: 'of a clock that has none of its own', clock: fake, advance: (ms: number) => fake.advanceSync(ms) },
])('a timer $name', ({ clock, advance }) => {
  it('runs once after the time that was set last', () => {
    const run = vi.fn();
    const timer = timerOn(clock, run);
    timer.set(100);
    advance(60);
    timer.set(100);
    advance(99);
    expect(run).not.toHaveBeenCalled();
    advance(1);
    expect(run).toHaveBeenCalledTimes(1);
    advance(1_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is set again after it has run, also by what it runs', () => {
    let runs = 0;
    const timer = timerOn(clock, () => {
      runs += 1;
      if (runs < 3) timer.set(100);
    });
    timer.set(100);
    advance(300);
    expect(runs).toBe(3);
    timer.set(100);
    advance(100);
    expect(runs).toBe(4);
  });

  it('is set to another time, sooner or later', () => {
    const run = vi.fn();
    const timer = timerOn(clock, run);
    timer.set(250);
    timer.set(50);
    advance(50);
    expect(run).toHaveBeenCalledTimes(1);
    timer.set(50);
    timer.set(250);
    advance(249);
    expect(run).toHaveBeenCalledTimes(1);
    advance(1);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('does not run after it was cancelled, until it is set again', () => {
    const run = vi.fn();
    const timer = timerOn(clock, run);
    timer.cancel();
    timer.set(100);
    timer.cancel();
    advance(200);
    expect(run).not.toHaveBeenCalled();
    timer.set(100);
    advance(100);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
