import type { CloudBase } from '@cloudbase/node-sdk';
import { LEASES, type LeaseRecord } from '../../../contract/records.ts';
import { isDuplicate } from '../../../records/store-errors.ts';
import { request } from './request.ts';
import { type LeaseStore, MAX_LEASES } from './types.ts';

/** The leases in the CloudBase database, through the official SDK. */
export class CloudbaseLeases implements LeaseStore {
  readonly #db: ReturnType<CloudBase['database']>;

  constructor(app: CloudBase) {
    this.#db = app.database();
  }

  async list(): Promise<LeaseRecord[]> {
    const { data } = await request(() => this.#leases.limit(MAX_LEASES).get());
    return data as LeaseRecord[];
  }

  async put(lease: LeaseRecord, after: number | undefined): Promise<void> {
    const { _id, ...fields } = lease;
    if (after !== undefined) {
      await request(() => this.#leases.where({ _id, seq: after }).update(fields));
      return;
    }
    try {
      await request(() => this.#leases.add(lease));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  async remove(_id: string, seq?: number): Promise<void> {
    await request(() => this.#leases.where({ _id, ...(seq !== undefined && { seq }) }).remove());
  }

  get #leases() {
    return this.#db.collection(LEASES);
  }
}
