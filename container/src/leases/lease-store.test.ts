import cloudbase from '@cloudbase/node-sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LEASES } from '../../../contract/records.ts';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { type Gateway, startGateway } from '../../../local/cloudbase/gateway.ts';
import { FakeLeases } from '../../testing/fake-leases.ts';
import { aLease, describeLeaseStore } from '../../testing/lease-contract.ts';
import { CloudbaseLeases } from '../store/cloudbase-leases.ts';

describeLeaseStore('in memory', () => new FakeLeases(new FakeClock()));

describe('with the real SDK', () => {
  let gateway: Gateway;
  let store: CloudbaseLeases;
  const startedWith = async (rcPath: string): Promise<{ gateway: Gateway; store: CloudbaseLeases }> => {
    const started = await startGateway({
      port: 0,
      rcPath,
      envId: 'local-env',
      secrets: { AKIDlocal: 'local' },
    });
    const account = { env: 'local-env', secretId: 'AKIDlocal', secretKey: 'local', timeout: 2_000 };
    const app = cloudbase.init({ ...account, serviceUrl: started.adminUrl });
    return { gateway: started, store: new CloudbaseLeases(app) };
  };

  beforeAll(async () => {
    process.env.TENCENTCLOUD = 'true';
    process.env.SILENCE = 'true';
    ({ gateway, store } = await startedWith('cloudbaserc.json'));
  });
  afterAll(() => gateway.stop());
  beforeEach(() => gateway.faults.clear());

  describeLeaseStore('in the CloudBase database', () => store);

  it('says that the database is away, and a lease whose answer was lost is there', async () => {
    const lease = aLease();
    gateway.faults.set({ rules: [{ effect: 'refuse' }] });
    await expect(store.list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true });
    gateway.faults.set({ rules: [{ match: 'database.insertDocument', effect: 'lose-answer', times: 1 }] });
    await expect(store.put(lease, undefined)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(gateway.dump(LEASES)).toContainEqual(lease);
  });

  it('changes nothing by a request that was given up and takes place after what came behind it', async () => {
    const { _id } = aLease();
    await store.put(aLease({ _id }), undefined);
    gateway.counters.reset();
    gateway.faults.set({
      rules: [{ match: 'database.modifyDocument', effect: 'late', lateMs: 200, times: 1 }],
    });
    await expect(store.put(aLease({ _id, seq: 2, slots: 40 }), 1)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await store.put(aLease({ _id, seq: 3, slots: 0 }), 1);
    await expect.poll(() => gateway.counters.byAction['database.modifyDocument']).toBe(2);
    expect((await store.list()).find((lease) => lease._id === _id)).toMatchObject({ seq: 3, slots: 0 });
  });

  it('says that the collection is missing', async () => {
    const without = await startedWith('package.json');
    await expect(without.store.list()).rejects.toMatchObject({ code: 'STORE_MISCONFIGURED' });
    await expect(without.store.put(aLease(), undefined)).rejects.toMatchObject({
      code: 'STORE_MISCONFIGURED',
    });
    await without.gateway.stop();
  });
});
