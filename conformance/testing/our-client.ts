import { systemClock } from '../../lib/clock.ts';
import { nodeWs } from '../../miniprogram/client/dialers/node-ws.ts';
import { containerClient } from '../../miniprogram/voice/session/container-connection.ts';
import { StreamingSession } from '../../miniprogram/voice/session/streaming-session.ts';
import { TicketCache } from '../../miniprogram/voice/session/ticket.ts';
import type { ClientAdapter, ClientOptions, ClientUnderTest } from '../client-cases/adapter.ts';
import { newId } from '../server-context.ts';

const TICKET_MS = 600_000;

/** This project's recording session, as a mini-program uses it, over the `ws` package. */
function createClient({ url, fetchTicket, ringMs }: ClientOptions): ClientUnderTest {
  const dial = nodeWs(url.replace(/^http/, 'ws'));
  const tickets = new TicketCache(async () => {
    const now = Date.now();
    return { ticket: await fetchTicket(), expiresAt: now + TICKET_MS, now };
  }, systemClock);
  const session = new StreamingSession({
    createClient: containerClient(() => ({ service: 'conformance', dial, platform: null })),
    tickets,
    clock: systemClock,
    random: Math.random,
    clientId: () => 'conformance-client',
    newSessionId: newId,
    store: null,
    onAppHide: () => () => {},
    active: new Set(),
    ...(ringMs !== undefined && { ringMs }),
  });
  const errors: string[] = [];
  session.on('error', ({ code }) => errors.push(code));
  return {
    start: () => session.start(),
    push: (pcm) => session.push(new Uint8Array(pcm).buffer),
    stop: () => session.stop(),
    cancel: () => session.cancel(),
    lines: () => session.lines,
    errors: () => errors,
    state: () => {
      const { state } = session.status;
      return state === 'ended' || state === 'failed' ? state : 'working';
    },
    dispose: () => session.dispose(),
  };
}

const OUR_CLIENT: ClientAdapter = { name: 'StreamingSession', transport: 'socketio', createClient };

export default OUR_CLIENT;
