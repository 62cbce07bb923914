import { expect, it } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { RELAY_RULES } from './rules.ts';
import { Pacer } from './stream.ts';

/** Ms of audio that a sender gets through in each second, taking whatever it may every 50 ms. */
async function sentPerSecond(clock: FakeClock, pacer: Pacer, seconds: number): Promise<number[]> {
  const sent: number[] = [];
  for (let second = 0; second < seconds; second++) {
    let ms = 0;
    for (let i = 0; i < 20; i++) {
      const allowed = pacer.available();
      pacer.spend(allowed);
      ms += allowed;
      await clock.advance(50);
    }
    sent.push(Math.round(ms));
  }
  return sent;
}

it('lets twice real time through, and a small burst after a rest', async () => {
  const clock = new FakeClock();
  const [first = 0, second = 0] = await sentPerSecond(clock, new Pacer(clock, RELAY_RULES, 0), 2);
  expect(first).toBeGreaterThan(2_000);
  expect(first).toBeLessThan(3_000);
  expect(second).toBe(2_000);
});

it('lets real time through after a complaint, and forgets the complaint in time', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer(clock, RELAY_RULES, clock.now() + 5_000);
  const sent = await sentPerSecond(clock, pacer, 7);
  expect(sent.slice(1, 5)).toEqual([1_000, 1_000, 1_000, 1_000]);
  expect(sent.at(-1)).toBe(2_000);
});

it('a clock that was set back holds no audio back', () => {
  const clock = new FakeClock();
  let skewMs = 0;
  const pacer = new Pacer({ now: () => clock.now() + skewMs, after: clock.after }, RELAY_RULES, 0);
  pacer.spend(pacer.available());
  skewMs = -3_600_000;
  expect(pacer.available()).toBe(0);
  clock.advanceSync(100);
  expect(pacer.available()).toBe(100 * RELAY_RULES.catchUpRate);
});
