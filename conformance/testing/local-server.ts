import { readFileSync } from 'node:fs';
import {
  type LocalService,
  SECRET,
  startContainer,
  startLocalService,
  stopProcess,
} from '../../container/testing/local-service.ts';
import { type Speech, speechOf } from '../audio.ts';
import type { ServerUnderTest, Transport } from '../server-context.ts';
import { signedTickets } from '../tickets.ts';

const SPEECH = 'samples/phrases/coffee';
/** A shorter time to drain than in production, so that a test need not wait; the cases go by what the container says. */
const SETTINGS = {
  DRAIN_MS: '3000',
  // The local database is not the one of a small environment: its budget would be most of the run's time.
  DB_WRITES_PER_SECOND: '300',
};

/** A recording of the samples, and what it is recognised as. */
export const speech = (): Speech =>
  speechOf(readFileSync(`${SPEECH}.wav`), readFileSync(`${SPEECH}.txt`, 'utf8').trim());

export interface LocalServer {
  /** The container as the suite sees it. */
  underTest(transport: Transport): ServerUnderTest;
  stop(): Promise<void>;
}

/** This project's container, with database and recogniser of the local cloud. */
export async function startLocalServer(): Promise<LocalServer> {
  const service: LocalService = await startLocalService(SETTINGS);
  const log: string[] = [];
  let { container } = service;
  const env = {
    ...service.gateway.containerEnv(),
    ASR_ENDPOINT: service.asr.url.replace('http', 'ws'),
    ...SETTINGS,
    PORT: new URL(service.url).port,
  };
  const restart = async (): Promise<void> => {
    await stopProcess(container);
    ({ container } = await startContainer(env, log));
  };
  return {
    underTest: (transport) => ({
      url: service.url,
      transport,
      tickets: signedTickets(SECRET),
      speech: speech(),
      restart,
    }),
    async stop() {
      await stopProcess(container);
      await service.stop();
    },
  };
}
