import { VoiceError } from '../../contract/errors.ts';
import type { LeaseRecord } from '../../contract/records.ts';
import { type Clock, sleep } from '../../lib/clock.ts';
import { type LeaseStore, MAX_LEASES } from '../src/store/types.ts';

/** A request that is not answered is given up after this time, as the SDK does. */
const TIMEOUT_MS = 5_000;

/** What becomes of one request. */
export interface LeaseFate {
  latencyMs: number;
  /** `error`: refused; `lost`: it takes place, and no answer comes; `late`: no answer comes, and it takes place after `lateMs`. */
  effect?: 'error' | 'lost' | 'late';
  lateMs?: number;
}

/** The leases in memory; the store passes the same tests as the real one (lease-contract.ts). */
export class FakeLeases implements LeaseStore {
  readonly documents = new Map<string, LeaseRecord>();
  requests = 0;
  fateOf: (action: keyof LeaseStore) => LeaseFate = () => ({ latencyMs: 0 });
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  list = (): Promise<LeaseRecord[]> =>
    this.answer('list', () => [...this.documents.values()].slice(0, MAX_LEASES));

  put: LeaseStore['put'] = (lease, after) =>
    this.answer('put', () => {
      if (this.documents.get(lease._id)?.seq === after) this.documents.set(lease._id, structuredClone(lease));
    });

  remove: LeaseStore['remove'] = (id, seq) =>
    this.answer('remove', () => {
      if (seq === undefined || this.documents.get(id)?.seq === seq) this.documents.delete(id);
    });

  private async answer<T>(action: keyof LeaseStore, work: () => T): Promise<T> {
    this.requests += 1;
    const { latencyMs, effect, lateMs = 0 } = this.fateOf(action);
    if (effect === 'late') this.clock.after(lateMs, work);
    else if (latencyMs > 0) await sleep(this.clock, latencyMs / 2);
    if (effect === 'error') throw new VoiceError('STORE_UNAVAILABLE');
    if (effect === 'late') {
      await sleep(this.clock, TIMEOUT_MS);
      throw new VoiceError('STORE_UNAVAILABLE');
    }
    const answer = structuredClone(work());
    await (latencyMs > 0 ? sleep(this.clock, latencyMs / 2) : Promise.resolve());
    if (effect === 'lost') throw new VoiceError('STORE_UNAVAILABLE');
    return answer;
  }
}
