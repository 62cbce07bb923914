import tcb from '@cloudbase/node-sdk';
import { PAGES, type PageRecord, SESSIONS, type SessionRecord } from '../../../contract/records.ts';
import type { LocalCloud } from '../../launch/local-cloud.ts';
import { LOCAL_ENV_ID } from '../../launch/options.ts';
import { localSecrets } from '../../launch/secrets.ts';

/** Documents that are inserted in one request. */
const BATCH = 50;

/** Puts a session with pages of sentences into the local cloud's database, as if it had been recorded. */
export async function seedLongSession(
  { dataDir, urls }: LocalCloud,
  { session, pages }: { session: SessionRecord; pages: readonly PageRecord[] },
): Promise<void> {
  const { secretId, secretKey } = (await localSecrets(dataDir)).cloudbase;
  const serviceUrl = `${urls.gateway}/admin`;
  const app = tcb.init({ env: LOCAL_ENV_ID, serviceUrl, secretId, secretKey, keepalive: false });
  const db = app.database();
  await db.collection(SESSIONS).add(session);
  for (let at = 0; at < pages.length; at += BATCH)
    await db.collection(PAGES).add(pages.slice(at, at + BATCH));
}
