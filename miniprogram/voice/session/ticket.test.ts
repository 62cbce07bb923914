import { describe, expect, it } from 'vitest';
import type { Ticket } from '../../../contract/ticket.ts';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { TicketCache } from './ticket.ts';

const TEN_MINUTES_MS = 600_000;

/** A signer whose clock is an hour behind the phone's. */
function setUp() {
  const clock = new FakeClock(10_000_000);
  const signer = { calls: 0, failing: false };
  const cache = new TicketCache(async (): Promise<Ticket> => {
    signer.calls += 1;
    if (signer.failing) throw new Error('no network');
    const now = clock.now() - 3_600_000;
    return { ticket: `ticket-${signer.calls}`, now, expiresAt: now + TEN_MINUTES_MS };
  }, clock);
  return { clock, signer, cache };
}

describe('the ticket', () => {
  it('is fetched once for all who ask meanwhile', async () => {
    const { cache, signer } = setUp();
    expect(await Promise.all([cache.get(), cache.get()])).toEqual(['ticket-1', 'ticket-1']);
    expect(await cache.get()).toBe('ticket-1');
    expect(signer.calls).toBe(1);
  });

  it("lives by the signer's clock, and is renewed a minute before its end", async () => {
    const { clock, cache } = setUp();
    await cache.get();
    await clock.advance(TEN_MINUTES_MS - 61_000);
    expect(await cache.get()).toBe('ticket-1');
    await clock.advance(2_000);
    expect(await cache.get()).toBe('ticket-2');
  });

  it('is fetched anew where the server did not take it', async () => {
    const { cache } = setUp();
    cache.invalidate(await cache.get());
    expect(await cache.get()).toBe('ticket-2');
    cache.invalidate('ticket-1');
    expect(await cache.get()).toBe('ticket-2');
  });

  it('is used to its end where a new one is not to be had', async () => {
    const { clock, cache, signer } = setUp();
    await cache.get();
    signer.failing = true;
    await clock.advance(TEN_MINUTES_MS - 30_000);
    expect(await cache.get()).toBe('ticket-1');
    await clock.advance(30_000);
    await expect(cache.get()).rejects.toThrow('no network');
    signer.failing = false;
    expect(await cache.get()).toBe('ticket-4');
  });
});
