import type { Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type LocalService, startLocalService } from './local-service.ts';
import { connectVoice } from './voice-client.ts';

export interface ServiceSuite {
  /** The running service; only inside tests and hooks. */
  readonly service: LocalService;
  /** Is closed after the test. */
  open<T extends { close(): unknown }>(socket: T): T;
  /** A connected socket of `openid`, closed after the test. */
  connected(openid?: string): Promise<Socket>;
}

/** One service for all tests of a file; sockets and faults do not outlive their test. */
export function useService(env: Record<string, string> = {}): ServiceSuite {
  let service: LocalService | undefined;
  const sockets: { close(): unknown }[] = [];
  beforeAll(async () => {
    service = await startLocalService(env);
  });
  afterAll(() => service?.stop());
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
    service?.asr.faults.clear();
    service?.gateway.faults.clear();
  });
  const suite: ServiceSuite = {
    get service() {
      if (!service) throw new Error('the service is not started yet');
      return service;
    },
    open(socket) {
      sockets.push(socket);
      return socket;
    },
    connected: async (openid) =>
      suite.open(await connectVoice(suite.service.url, { ticket: await suite.service.ticket(openid) })),
  };
  return suite;
}
