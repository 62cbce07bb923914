import type { Clock } from '../../../lib/clock.ts';
import type { Counters } from '../counters.ts';
import type { Database } from '../database/database.ts';
import type { DatabaseService } from '../database/service.ts';
import type { Faults } from '../faults.ts';
import type { FunctionHost } from '../functions/host.ts';
import type { GatewayOptions } from '../options.ts';
import type { StorageService } from '../storage/service.ts';

/** The services of a running gateway, for its routes. */
export interface GatewayServices {
  options: GatewayOptions;
  clock: Clock;
  users: Readonly<Record<string, string>>;
  log: (entry: Record<string, unknown>) => void;
  faults: Faults;
  counters: Counters;
  database: Database;
  databaseService: DatabaseService;
  storage: StorageService;
  functions: FunctionHost;
  /** Functions by the path that HTTP access serves them at. */
  httpPaths: ReadonlyMap<string, string>;
}
