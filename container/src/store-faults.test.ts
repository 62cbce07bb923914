import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SESSIONS } from '../../contract/records.ts';
import type { Answer, StartAnswer } from '../../contract/stream.ts';
import { API_KEY, type LocalService, startLocalService } from '../testing/local-service.ts';
import { connectVoice, uniqueId } from '../testing/voice-client.ts';

/** Above the longest wait between two attempts to reach the database at the start. */
const MENDED_WITHIN = { timeout: 15_000, interval: 100 };

const clean: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of clean.splice(0).reverse()) await one();
});

interface Ready {
  faults: { dependency: string; code: string }[];
}

const readyOf = async ({ url }: LocalService): Promise<{ status: number; faults: Ready['faults'] }> => {
  const answer = await fetch(`${url}/ready`);
  return { status: answer.status, faults: ((await answer.json()) as Ready).faults };
};
const startOn = async (service: LocalService): Promise<Answer<StartAnswer>> => {
  const socket = await connectVoice(service.url, { ticket: await service.ticket() });
  clean.push(async () => socket.close());
  const request = { sessionId: uniqueId(), clientId: 'client-0001' };
  return socket.timeout(20_000).emitWithAck('start', request);
};
/** Lines of the log at level error or above. */
const errorsOf = ({ log }: LocalService): { msg: string; cause: { code: string; message: string } }[] =>
  log
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter(({ level }) => level >= 50);

const STORE_FAULT = [{ dependency: 'store', code: 'STORE_MISCONFIGURED' }];
const REFUSED = { error: { code: 'STORE_MISCONFIGURED', retriable: false } };

interface Fault {
  service: LocalService;
  mend(): Promise<unknown>;
}

async function withWrongKey(): Promise<Fault> {
  const apiKeys = new Set(['the key of another environment', API_KEY]);
  const service = await startLocalService({ CLOUDBASE_APIKEY: 'a key that is not valid yet' }, { apiKeys });
  return { service, mend: async () => apiKeys.add('a key that is not valid yet') };
}

async function withoutCollections(): Promise<Fault> {
  const folder = await mkdtemp(join(tmpdir(), 'store-faults-'));
  clean.push(() => rm(folder, { recursive: true }));
  const rcPath = join(folder, 'cloudbaserc.json');
  await writeFile(rcPath, '{}');
  const service = await startLocalService({}, { rcPath });
  const mend = () =>
    fetch(service.gateway.adminUrl, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({ action: 'database.addCollection', collectionName: SESSIONS }),
    });
  return { service, mend };
}

describe('a database that refuses', () => {
  it.each([
    ['a wrong key', withWrongKey, 'SIGN_PARAM_INVALID'],
    ['a missing collection', withoutCollections, 'DATABASE_COLLECTION_NOT_EXIST'],
  ])(
    'because of %s: one error line with the cause, /ready is 503 and names it, start is refused for good; mended, all is well',
    async (_name, begin, cause) => {
      const { service, mend } = await begin();
      clean.push(() => service.stop());
      await vi.waitFor(async () => expect((await readyOf(service)).faults).toEqual(STORE_FAULT));
      expect(await startOn(service)).toMatchObject(REFUSED);
      expect(await startOn(service)).toMatchObject(REFUSED);
      expect(await readyOf(service)).toEqual({ status: 503, faults: STORE_FAULT });
      const errors = errorsOf(service);
      expect(errors).toHaveLength(1);
      expect(errors[0]?.cause).toMatchObject({ code: cause });
      expect(errors[0]?.cause.message).not.toBe('');

      await mend();
      const mended = { status: 200, faults: [] };
      await vi.waitFor(async () => expect(await readyOf(service)).toEqual(mended), MENDED_WITHIN);
      expect(await startOn(service)).toMatchObject({ nextPos: 0 });
    },
  );

  it('after it had answered leaves the instance in rotation, with the fault named until it is mended', async () => {
    const apiKeys = new Set([API_KEY]);
    const service = await startLocalService({}, { apiKeys });
    clean.push(() => service.stop());
    expect(await startOn(service)).toMatchObject({ nextPos: 0 });
    apiKeys.clear();
    expect(await startOn(service)).toMatchObject(REFUSED);
    expect(await readyOf(service)).toEqual({ status: 200, faults: STORE_FAULT });
    apiKeys.add(API_KEY);
    expect(await startOn(service)).toMatchObject({ nextPos: 0 });
    expect(await readyOf(service)).toEqual({ status: 200, faults: [] });
  });
});
