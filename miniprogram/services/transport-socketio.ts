import type { NAMESPACE as ContractNamespace } from '../../contract/stream.ts';
import { type ClientOptions, CloudBaseSocketIOClient } from '../client/cloudbase-socketio-client.ts';
import { readWireError } from './local-errors.ts';
import type { Connection, ConnectionHandlers, Dial, Outcome } from './transport.ts';

/** The contract's own constant stands beside schemas that do not belong into a mini-program; the type keeps them equal. */
const NAMESPACE: typeof ContractNamespace = '/realtime-voice';

/** What is said of one container: service, env, dialer. */
export type ContainerAddress = Pick<ClientOptions, 'service' | 'env' | 'dial' | 'path' | 'platform'>;

/** Positional as Socket.IO has them; the session's events are sent by name, not by the client's typed overloads. */
interface Events {
  [event: string]: (...args: unknown[]) => void;
}

/**
 * Dials with our Socket.IO client: a new one for every attempt, and without its own reconnection, because only the session
 * knows when to come back and what to say then.
 */
export const socketIODial =
  (addressOf: () => ContainerAddress): Dial =>
  (ticket, handlers) => {
    const client = new CloudBaseSocketIOClient<Events, Events>({
      ...addressOf(),
      namespace: NAMESPACE,
      reconnection: false,
      auth: { ticket },
    });
    let over = false;
    const once = (tell: (handlers: ConnectionHandlers) => void) => {
      if (over) return;
      over = true;
      client.disconnect();
      tell(handlers);
    };
    client.onInternal('connect', () => {
      if (!over) handlers.opened();
    });
    client.onInternal('disconnect', (reason) => once(({ closed }) => closed(reason)));
    client.onInternal('connect_error', (error) => {
      const { message, data } = error as Error & { data?: unknown };
      once(({ refused }) => refused(readWireError(data), message));
    });
    client.onAny((event, payload) => {
      if (!over) handlers.event(event, payload);
    });
    void Promise.resolve().then(() => {
      if (!over) client.open();
    });
    return {
      emit: (event, ...args) => {
        if (!over) client.emit(event, ...args);
      },
      request: (event, args, timeoutMs, done) => {
        if (!over) ask(client, event, args, timeoutMs, done);
      },
      close: () => {
        over = true;
        client.disconnect();
      },
    } satisfies Connection;
  };

function ask(
  client: CloudBaseSocketIOClient<Events, Events>,
  event: string,
  args: unknown[],
  timeoutMs: number,
  done: (outcome: Outcome) => void,
): void {
  client.timeout(timeoutMs).emit(event, ...args, (error: Error | null, answer: unknown) => {
    if (!error) done({ answered: true, answer });
    else done({ answered: false, why: client.connected ? 'timeout' : 'closed' });
  });
}
