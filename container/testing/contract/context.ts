import { afterEach } from 'vitest';
import { recordingOf, Talk } from '../clients/talk.ts';
import type { ConnectOptions, VoiceClient } from '../clients/types.ts';
import type { ServiceSuite } from '../service-suite.ts';
import { uniqueId } from '../voice-client.ts';

/** What each group of cases is given. */
export interface ContractContext {
  client: VoiceClient;
  suite: ServiceSuite;
  /** A connection that is closed after the test. @param openid default: somebody whom no other test knows */
  talk(options?: ConnectOptions & { openid?: string; url?: string }): Promise<Talk>;
  /** A new openid. */
  somebody(): string;
}

export const COFFEE = recordingOf('samples/phrases/coffee.wav');

export function contractContext(client: VoiceClient, suite: ServiceSuite): ContractContext {
  const open: Talk[] = [];
  afterEach(() => {
    for (const { connection } of open.splice(0)) connection.close();
  });
  const somebody = (): string => `o${uniqueId()}`;
  return {
    client,
    suite,
    somebody,
    async talk({ openid = somebody(), url = suite.service.url, ...options } = {}) {
      const ticket = await suite.service.ticket(openid);
      const talk = new Talk(await client.connect(url, { ticket, ...options }));
      open.push(talk);
      return talk;
    },
  };
}
