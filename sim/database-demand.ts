import { SESSION_RULES } from '../container/src/session/rules.ts';
import { HEARTBEAT_MS } from '../contract/limits.ts';
import type { ResultEvent } from '../contract/stream.ts';

/** A session that says nothing costs its heartbeats. */
const IDLE_PER_MINUTE = 60_000 / HEARTBEAT_MS;
/** Silence is stored when the checkpoint has moved by 10 s (record-writer.ts). */
const SILENCE_PER_MINUTE = 60_000 / 10_000;
/** What a session may ask for in a minute in which nothing is said. */
const PER_SESSION_MINUTE = IDLE_PER_MINUTE + SILENCE_PER_MINUTE;
/** Requests that the product sends for one of these at most, where nothing fails. */
const COSTS = {
  /** A checkpoint within an open sentence: at most one in `headWriteMs` in which something is heard. */
  head: 1,
  /** A final is one write; with a full tail a transaction: begin, get, set, update, commit. */
  final: 2,
  /**
   * `stillOurs`, or read, claim and read again, and the finals that the client has missed: 8. The session ends without being asked
   * where its client cannot resume it: as much as a stop.
   */
  start: 18,
  /** A transaction of eight, and the last write before it. */
  stop: 10,
  cancel: 6,
  skip: 1,
} as const;
/** Of one instance for its lease, a second, at most: a write and a look, while streams change hands all the time. */
const LEASE_PER_SECOND = 2;
/** What a request that failed leads to: it is repeated, what it was a part of begins again, and the record is read. */
const PER_FAILURE = 10;

/** What the instances ask of the database, and what they may: derived from what happened, so that nothing polls. */
export class DatabaseDemand {
  requests = 0;
  #failures = 0;
  #leaseRequests = 0;
  #instanceMs = 0;
  #sessionMs = 0;
  #allowed = 0;
  readonly #newestFinal = new Map<string, number>();
  readonly #newestHeadMs = new Map<string, number>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Sessions were there for so long, summed, ms. */
  sessions(ms: number): void {
    this.#sessionMs += ms;
  }

  /** Instances that have a lease were there for so long, summed, ms. */
  instances(ms: number): void {
    this.#instanceMs += ms;
  }

  /** An instance asks for its lease. */
  askedForLease(): void {
    this.#leaseRequests += 1;
  }

  get minutes(): number {
    return this.#sessionMs / 60_000;
  }

  asked(failed: boolean): void {
    this.requests += 1;
    if (failed) this.#failures += 1;
  }

  /** A client asks for something. */
  request(event: string): void {
    this.#allowed += Object.hasOwn(COSTS, event) ? COSTS[event as keyof typeof COSTS] : 0;
  }

  /** A client is told something. */
  told(event: string, payload: unknown): void {
    if (event !== 'result') return;
    const { sessionId, index, final } = payload as ResultEvent;
    if (index <= (this.#newestFinal.get(sessionId) ?? -1)) return;
    if (final) {
      this.#newestFinal.set(sessionId, index);
      this.#allowed += COSTS.final;
    } else if (this.#nowMs() - (this.#newestHeadMs.get(sessionId) ?? 0) >= SESSION_RULES.headWriteMs) {
      this.#newestHeadMs.set(sessionId, this.#nowMs());
      this.#allowed += COSTS.head;
    }
  }

  /** What was asked beyond what may be. */
  get excess(): string[] {
    const { minutes } = this;
    const allowed = this.#allowed + (minutes + 1) * PER_SESSION_MINUTE + this.#failures * PER_FAILURE;
    const seconds = this.#instanceMs / 1_000;
    const allowedForLeases = (seconds + 60) * LEASE_PER_SECOND;
    return [
      ...(this.requests > allowed
        ? [
            `${this.requests} requests in ${minutes.toFixed(1)} session minutes, ${Math.round(allowed)} allowed`,
          ]
        : []),
      ...(this.#leaseRequests > allowedForLeases
        ? [`${this.#leaseRequests} requests for leases in ${Math.round(seconds)} instance seconds`]
        : []),
    ];
  }
}
