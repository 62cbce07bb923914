import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tcb from '@cloudbase/node-sdk';
import { afterAll, beforeEach } from 'vitest';
import { bundleFunction } from '../../../compile/functions.ts';
import { DAILY_STATS, PAGES, SESSIONS, type SessionRecord, UPLOADS } from '../../../contract/records.ts';
import { systemClock } from '../../../lib/clock.ts';
import { systemRandom } from '../../../lib/random.ts';
import { type Gateway, startGateway } from '../../../local/cloudbase/gateway.ts';
import type { RunTransaction } from '../../../records/port.ts';
import { transactionsOn } from '../../../records/transaction.ts';

import { ASR_KEYS, startTestAsrServer, type TestAsrServer } from './asr-server.ts';

const RC_PATH = fileURLToPath(new URL('../../../cloudbaserc.json', import.meta.url));
const ENV_ID = 'local-functions';
const SECRET = { id: 'AKIDlocal', key: 'local-key' };
export const TICKET_SECRET = 'a-ticket-secret-for-tests-0123456789';

/** Documents that are inserted in one request. */
const SEED_BATCH = 500;

export interface FunctionsGateway extends Gateway {
  /** The database as the container reaches it: node-sdk, unmodified. */
  db: ReturnType<tcb.CloudBase['database']>;
  /** Its transactions, as the container runs them. */
  transaction: RunTransaction;
  /** Storage and the like, by the same SDK. */
  cloud: tcb.CloudBase;
  envId: string;
  /** What the functions logged, oldest first. */
  logs: string[];
  /** Calls a function as a mini-program user and answers what the mini-program would get. */
  // biome-ignore lint/suspicious/noExplicitAny: the test says what it expects
  as(openid: string): (name: string, data: object) => Promise<any>;
  /** A declared timer of the platform goes off. */
  timer(name: string, trigger: string): Promise<unknown>;
  seed(collection: string, docs: readonly object[]): Promise<void>;
  /** The stored session of this id. */
  session(id: string): SessionRecord | undefined;
  clear(...collections: string[]): Promise<void>;
  /** Documents that the database examined while `work` ran. */
  documentsRead(work: () => Promise<unknown>): Promise<number>;
}

/**
 * The project's own collections, indexes, time limits and triggers, but none of its environment variables, which
 * a test sets itself.
 */
async function settingsWithoutEnvironment(folder: string): Promise<string> {
  const drop = (key: string, value: unknown) => (key === 'envVariables' ? undefined : value);
  const path = join(folder, 'cloudbaserc.json');
  await writeFile(path, JSON.stringify(JSON.parse(await readFile(RC_PATH, 'utf8')), drop));
  return path;
}

/** Builds the named functions and hosts them on a local gateway with the project's own collections and indexes. */
export async function startFunctionsGateway(
  names: readonly string[],
  functionEnv: Record<string, string> = {},
): Promise<FunctionsGateway> {
  const functionsDir = await mkdtemp(join(tmpdir(), 'functions-'));
  await Promise.all(names.map((name) => bundleFunction(name, join(functionsDir, name))));
  const logs: string[] = [];
  const gateway = await startGateway({
    port: 0,
    rcPath: await settingsWithoutEnvironment(functionsDir),
    envId: ENV_ID,
    secrets: { [SECRET.id]: SECRET.key },
    functionsDir,
    functionEnv: { TICKET_SECRET, ...functionEnv },
    log: ({ event, line }) => void (event === 'function.log' && logs.push(String(line))),
  });
  const cloud = tcb.init({
    env: ENV_ID,
    serviceUrl: gateway.adminUrl,
    secretId: SECRET.id,
    secretKey: SECRET.key,
    // kept connections cost small requests 40 ms each (Nagle against delayed acknowledgements)
    keepalive: false,
  });
  const db = cloud.database();
  return {
    ...gateway,
    cloud,
    db,
    envId: ENV_ID,
    logs,
    transaction: transactionsOn(db, { clock: systemClock, random: systemRandom, retryUnavailable: true }),
    session: (id) =>
      gateway.dump(SESSIONS).find(({ _id }) => _id === id) as unknown as SessionRecord | undefined,
    as: (openid) => (name, data) => gateway.callFunction(name, data, { openid }),
    async timer(name, trigger) {
      const response = await fetch(`${gateway.url}/_local/timer/${name}/${trigger}`, { method: 'POST' });
      return ((await response.json()) as { result: unknown }).result;
    },
    async seed(collection, docs) {
      for (let at = 0; at < docs.length; at += SEED_BATCH) {
        await db.collection(collection).add(docs.slice(at, at + SEED_BATCH));
      }
    },
    async clear(...collections) {
      const everything = { _id: db.command.exists(true) };
      await Promise.all(collections.map((name) => db.collection(name).where(everything).remove()));
    },
    async documentsRead(work) {
      const before = gateway.counters.documentsRead;
      await work();
      return gateway.counters.documentsRead - before;
    },
    async stop() {
      await gateway.stop();
      await rm(functionsDir, { recursive: true, force: true });
    },
  };
}

interface SuiteOptions {
  functionEnv?: Record<string, string>;
  /** Leaves the records in place between the tests. */
  keepRecords?: boolean;
}

/** The named functions for a whole test file; no test sees the records of another. */
export async function functionsForTests(
  names: readonly string[],
  { functionEnv = {}, keepRecords = false }: SuiteOptions = {},
): Promise<FunctionsGateway> {
  const gateway = await startFunctionsGateway(names, functionEnv);
  if (!keepRecords) beforeEach(() => gateway.clear(SESSIONS, PAGES, DAILY_STATS, UPLOADS));
  afterAll(() => gateway.stop());
  return gateway;
}

/** The same with a SentenceRecognition that the functions reach; it begins every test with its default answer. */
export async function recognitionForTests(
  names: readonly string[],
  { functionEnv = {}, keepRecords = false }: SuiteOptions = {},
): Promise<{ asr: TestAsrServer; gateway: FunctionsGateway }> {
  const asr = await startTestAsrServer();
  afterAll(() => asr.stop());
  beforeEach(() => asr.reset());
  const env = { ...asrEnv(asr.endpoint), ...functionEnv };
  return { asr, gateway: await functionsForTests(names, { functionEnv: env, keepRecords }) };
}

/** The environment of functions that reach one-shot recognition at this address. */
export const asrEnv = (endpoint: string): Record<string, string> => ({
  ASR_ONESHOT_ENDPOINT: endpoint,
  TENCENT_SECRET_ID: ASR_KEYS.secretId,
  TENCENT_SECRET_KEY: ASR_KEYS.secretKey,
});
