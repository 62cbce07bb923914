import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../lib/clock.ts';
import { KeyedBuckets } from '../../../lib/token-bucket.ts';
import { CALLER_LIMITS } from './limits.ts';

/**
 * Limits connections by address until they show a valid ticket. Only where the deployment says how many proxies are in front:
 * behind a gateway all callers share one address, and anybody can write an `X-Forwarded-For`.
 */
export class UnauthenticatedLimiter {
  readonly #buckets: KeyedBuckets;
  readonly #trustedProxies: number;

  /** @param trustedProxies entries at the end of `X-Forwarded-For` that our own proxies have written; 0: no limit */
  constructor(clock: Clock, trustedProxies: number) {
    this.#buckets = new KeyedBuckets(clock, CALLER_LIMITS.unauthenticated);
    this.#trustedProxies = trustedProxies;
  }

  /** A connection comes. @returns 0, or after how many ms it may come again */
  admit(request: IncomingMessage): number {
    const address = this.#addressOf(request);
    return address === undefined ? 0 : this.#buckets.take(address);
  }

  /** It has shown a valid ticket, so it does not count. */
  known(request: IncomingMessage): void {
    const address = this.#addressOf(request);
    if (address !== undefined) this.#buckets.refund(address);
  }

  /** Undefined: it is not known which address is the caller's. */
  #addressOf(request: IncomingMessage): string | undefined {
    if (this.#trustedProxies === 0) return undefined;
    const header = request.headers['x-forwarded-for'];
    const written = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').filter(Boolean);
    return written.at(-this.#trustedProxies)?.trim();
  }
}
