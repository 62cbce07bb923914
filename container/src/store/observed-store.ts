import { VoiceError } from '../../../contract/errors.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { SessionStore } from './types.ts';

/** A failure that goes on is logged again after this time, with the number of failures meanwhile. */
const LOG_AGAIN_MS = 60_000;
const MAX_CAUSE_CHARS = 300;

/**
 * A session store that measures and logs what it does, and tells permanent faults to the service's health. A passing failure
 * is logged when it begins, once a minute, and when it is over; a permanent one as an error with its cause.
 */
export class ObservedStore implements SessionStore {
  private readonly store: SessionStore;
  private readonly deps: { clock: Clock; log: Log; metrics: Metrics; health: Health };
  private failures = 0;
  private failingSinceMs = 0;
  private loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(store: SessionStore, deps: { clock: Clock; log: Log; metrics: Metrics; health: Health }) {
    this.store = store;
    this.deps = deps;
  }

  create: SessionStore['create'] = (record) => this.observed('create', () => this.store.create(record));
  load: SessionStore['load'] = (id) => this.observed('load', () => this.store.load(id));
  claim: SessionStore['claim'] = (seen, by) => this.observed('claim', () => this.store.claim(seen, by));
  write: SessionStore['write'] = (id, patch, nowMs) =>
    this.observed('write', () => this.store.write(id, patch, nowMs));
  sentencesAbove: SessionStore['sentencesAbove'] = (id, haveIndex) =>
    this.observed('sentencesAbove', () => this.store.sentencesAbove(id, haveIndex));
  complete: SessionStore['complete'] = (request) =>
    this.observed('complete', () => this.store.complete(request));
  cancel: SessionStore['cancel'] = (owner, nowMs) =>
    this.observed('cancel', () => this.store.cancel(owner, nowMs));

  private async observed<T>(operation: keyof SessionStore, request: () => Promise<T>): Promise<T> {
    const { clock, metrics } = this.deps;
    const startedMs = clock.now();
    try {
      const answer = await request();
      this.onSuccess();
      return answer;
    } catch (error) {
      this.onFailure(operation, error);
      throw error;
    } finally {
      metrics.storeSeconds.observe({ operation }, (clock.now() - startedMs) / 1000);
    }
  }

  private onSuccess(): void {
    const { clock, log, health } = this.deps;
    health.works('store');
    if (this.failures === 0) return;
    const forMs = clock.now() - this.failingSinceMs;
    log.info({ failures: this.failures, forMs }, 'the database answers again');
    this.failures = 0;
    this.loggedAtMs = Number.NEGATIVE_INFINITY;
  }

  private onFailure(operation: keyof SessionStore, error: unknown): void {
    const { clock, log, metrics, health } = this.deps;
    const code = error instanceof VoiceError ? error.code : 'INTERNAL';
    metrics.storeErrors.inc({ operation, code });
    // Two writers changed the same document: not a database fault.
    if (code === 'CONFLICT') return;
    const now = clock.now();
    if (this.failures === 0) this.failingSinceMs = now;
    this.failures += 1;
    const permanent = code === 'STORE_MISCONFIGURED';
    const isNew = permanent && health.failed('store', code);
    if (!isNew && now - this.loggedAtMs < LOG_AGAIN_MS) return;
    this.loggedAtMs = now;
    const fields = { operation, code, failures: this.failures, cause: causeOf(error) };
    if (permanent) log.error(fields, 'the database refuses: its configuration is wrong');
    else log.warn(fields, 'the database does not answer');
  }
}

/** What the database said, without the request: that holds text and credentials. */
export function causeOf(error: unknown): { code?: string; message: string } {
  const cause = error instanceof VoiceError && error.cause !== undefined ? error.cause : error;
  const { code, errCode, message, errMsg } = (
    typeof cause === 'object' && cause !== null ? cause : { message: String(cause) }
  ) as Record<string, unknown>;
  const text = String(message ?? errMsg ?? 'no message').slice(0, MAX_CAUSE_CHARS);
  const shown = code ?? errCode;
  return { ...(shown !== undefined && { code: String(shown) }), message: text };
}
