import { describe } from 'vitest';
import type { VoiceClient } from '../clients/types.ts';
import { useService } from '../service-suite.ts';
import { contractContext } from './context.ts';
import { refusalCases } from './refusals.ts';
import { sessionCases } from './sessions.ts';
import { streamingCases } from './streaming.ts';

/** So many sessions are started here that the database's budget of a deployment would make the cases wait. */
const ENV = { DRAIN_MS: '500', DB_WRITES_PER_SECOND: '200' };

/** The contract of `docs/protocol.md`: the same cases for every way in, each with its real client. */
export function describeTransports(clients: readonly VoiceClient[]): void {
  const suite = useService(ENV);
  describe.each(clients.map((client) => [client.name, client] as const))('%s', (_name, client) => {
    const context = contractContext(client, suite);
    streamingCases(context);
    sessionCases(context);
    refusalCases(context);
  });
}
