import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { CALLER_LIMITS } from './limits.ts';
import { UnauthenticatedLimiter } from './unauthenticated-limiter.ts';

const from = (forwarded: string | undefined) =>
  ({
    headers: { 'x-forwarded-for': forwarded },
    socket: { remoteAddress: '10.0.0.1' },
  }) as unknown as IncomingMessage;

it('limits connections without a ticket by address, and no other address by that', async () => {
  const clock = new FakeClock();
  const unauthenticated = new UnauthenticatedLimiter(clock, 1);
  for (let i = 0; i < CALLER_LIMITS.unauthenticated.burst; i++)
    expect(unauthenticated.admit(from('1.2.3.4'))).toBe(0);
  expect(unauthenticated.admit(from('1.2.3.4'))).toBe(1_000);
  expect(unauthenticated.admit(from('1.2.3.5'))).toBe(0);
  await clock.advance(1_000);
  expect(unauthenticated.admit(from('1.2.3.4'))).toBe(0);
});

it('counts nobody who shows a valid ticket', () => {
  const unauthenticated = new UnauthenticatedLimiter(new FakeClock(), 1);
  for (let i = 0; i < 10 * CALLER_LIMITS.unauthenticated.burst; i++) {
    expect(unauthenticated.admit(from('1.2.3.4'))).toBe(0);
    unauthenticated.known(from('1.2.3.4'));
  }
});

it('believes the addresses that its own proxies have written, and no other', () => {
  const unauthenticated = new UnauthenticatedLimiter(new FakeClock(), 2);
  for (let i = 0; i < CALLER_LIMITS.unauthenticated.burst; i++)
    expect(unauthenticated.admit(from(`6.6.6.${i}, 1.2.3.4, 10.0.0.9`))).toBe(0);
  expect(unauthenticated.admit(from('6.6.7.1, 1.2.3.4, 10.0.0.9'))).toBeGreaterThan(0);
});

it('limits nobody where it is not known which address is the caller’s: behind a gateway all share one', () => {
  const unauthenticated = new UnauthenticatedLimiter(new FakeClock(), 0);
  for (let i = 0; i < 10 * CALLER_LIMITS.unauthenticated.burst; i++)
    expect(unauthenticated.admit(from('1.2.3.4'))).toBe(0);
});
