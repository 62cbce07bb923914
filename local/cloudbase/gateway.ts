import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../lib/clock.ts';
import { Counters } from './counters.ts';
import { Database } from './database/database.ts';
import { DatabaseService } from './database/service.ts';
import type { Doc } from './database/values.ts';
import { containerEnvironment, functionEnvironment, sdkEnvironment } from './environment.ts';
import { Faults } from './faults.ts';
import { FunctionHost } from './functions/host.ts';
import { createGatewayServer } from './http/server.ts';
import type { GatewayServices } from './http/services.ts';
import { DEFAULT_USERS, type GatewayOptions } from './options.ts';
import { readCloudbaseConfig } from './rc.ts';
import { DiskFiles, MemoryFiles } from './storage/files.ts';
import { lockFolder } from './storage/lock-file.ts';
import { StorageService } from './storage/service.ts';
import { WriteAheadLog } from './storage/write-ahead-log.ts';

export type { GatewayOptions } from './options.ts';

export interface Gateway {
  url: string;
  adminUrl: string;
  /** Environment for a process whose node-sdk is to use this gateway. */
  sdkEnv(): Record<string, string>;
  /** The same for a container: with an API key instead of a key that signs. */
  containerEnv(): Record<string, string>;
  /** Environment of the functions. */
  functionEnv(): Record<string, string>;
  faults: Faults;
  counters: Counters;
  /** Calls a function as a user (by name or openid) or without one. @throws FunctionFailure */
  callFunction(name: string, data?: unknown, as?: { user: string } | { openid: string }): Promise<unknown>;
  /** The committed documents of a collection. */
  dump(collection: string): Doc[];
  stop(): Promise<void>;
}

const PROJECT_PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Starts the local CloudBase: database, storage and function host behind one loopback port. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const rc = await readCloudbaseConfig(options.rcPath, options.rcEnv);
  const { dataDir, users = DEFAULT_USERS, clock = systemClock, log = () => {} } = options;
  const unlock = dataDir === undefined ? () => {} : lockFolder(dataDir);
  let url = '';
  try {
    const store = dataDir === undefined ? undefined : WriteAheadLog.open(join(dataDir, 'database'));
    const database: Database = new Database(rc.collections, (record) => {
      if (store?.log.compactionDue) store.log.compact(database.content());
      store?.log.append(record);
    });
    database.load(store?.content ?? options.documents ?? new Map());
    const files = dataDir === undefined ? new MemoryFiles() : new DiskFiles(join(dataDir, 'files'));
    const cloud: GatewayServices = {
      options,
      clock,
      users,
      log,
      faults: new Faults(),
      counters: new Counters(),
      database,
      databaseService: new DatabaseService(database, clock, options.transactionTimeoutMs),
      storage: new StorageService(files, options.envId, () => url, clock),
      httpPaths: rc.httpPaths,
      functions: new FunctionHost({
        folder: options.functionsDir,
        settings: rc.functions,
        environment: () => functionEnvironment(options, `${url}/admin`),
        modulePaths: [PROJECT_PACKAGES],
        timeLimits: options.functionTimeLimits ?? true,
        clock,
        log,
      }),
    };
    const server = createGatewayServer(cloud);
    server.listen(options.port, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const stop = async (): Promise<void> => {
      const closed = once(server, 'close');
      server.close();
      await cloud.functions.stop();
      server.closeAllConnections();
      await closed;
      cloud.databaseService.close();
      store?.log.close();
      unlock();
    };
    let stopped: Promise<void> | undefined;
    return {
      url,
      adminUrl: `${url}/admin`,
      sdkEnv: () => sdkEnvironment(options, `${url}/admin`),
      containerEnv: () => containerEnvironment(options, `${url}/admin`),
      functionEnv: () => functionEnvironment(options, `${url}/admin`),
      faults: cloud.faults,
      counters: cloud.counters,
      callFunction: (name, data, as) => call(cloud, name, data, as),
      dump: (name) => structuredClone([...database.collection(name).docs()]),
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (cause) {
    unlock();
    throw cause;
  }
}

async function call(
  cloud: GatewayServices,
  name: string,
  data: unknown,
  as?: { user: string } | { openid: string },
): Promise<unknown> {
  const openid = as && ('openid' in as ? as.openid : cloud.users[as.user]);
  if (as && openid === undefined) throw new Error('there is no such local user');
  return JSON.parse(await cloud.functions.invoke(name, data, { source: 'wx_client', openid }));
}
