import { openStore, type Store } from '../functions/shared/store.ts';
import type { SimDatabase } from './database.ts';
import type { SimulatedHost } from './scheduler.ts';
import { useDatabase } from './wx-server-sdk.ts';

/** The cloud functions' own store and transactions over the simulated database. @param random in [0, 1) */
export function storeOf(database: SimDatabase, party: SimulatedHost, random: () => number): Store {
  useDatabase(database.client(party));
  return openStore(party, random);
}
