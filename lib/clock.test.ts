import { afterEach, describe, expect, test, vi } from 'vitest';
import { sleep, systemClock, withTimeout } from './clock.ts';
import { FakeClock } from './fake-clock.ts';

describe('the system clock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('calls once, unless it is cancelled', () => {
    vi.useFakeTimers();
    const called: string[] = [];
    systemClock.after(10, () => called.push('kept'));
    const cancel = systemClock.after(10, () => called.push('cancelled'));
    cancel();
    vi.advanceTimersByTime(100);
    expect(called).toEqual(['kept']);
  });
});

test('sleep resolves after its time', async () => {
  const clock = new FakeClock();
  let awake = false;
  void sleep(clock, 100).then(() => {
    awake = true;
  });
  await clock.advance(99);
  expect(awake).toBe(false);
  await clock.advance(1);
  expect(awake).toBe(true);
});

describe('withTimeout', () => {
  const never = new Promise<never>(() => {});

  test('settles as its promise does and leaves no timer behind', async () => {
    const clock = new FakeClock();
    await expect(withTimeout(Promise.resolve(7), clock, 100, () => new Error('late'))).resolves.toBe(7);
    const failed = withTimeout(Promise.reject(new Error('own')), clock, 100, () => new Error('late'));
    await expect(failed).rejects.toThrow('own');
    expect(clock.pending).toBe(0);
  });

  test('asks for its error when the time is over, not before', async () => {
    const clock = new FakeClock();
    let waitingFor = 'first';
    const result = withTimeout(never, clock, 100, () => new Error(waitingFor));
    const settled = expect(result).rejects.toThrow('second');
    waitingFor = 'second';
    await clock.advance(100);
    await settled;
  });
});
