import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP relay in front of the scripted server: what a network does to connections. */
export interface Relay {
  readonly port: number;
  /** Connections are ended at once, as if there were no server. */
  unreachable: boolean;
  /** Ends every connection without a word. */
  cut(): void;
  /** From now on nothing passes on the present connections, which stay open. */
  freeze(): void;
  close(): void;
}

export async function startRelay(targetPort: number): Promise<Relay> {
  const pairs = new Set<[Socket, Socket]>();
  const relay = { port: 0, unreachable: false, cut, freeze, close };
  const server = createServer((client) => {
    client.on('error', () => {});
    if (relay.unreachable) {
      client.destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    target.on('error', () => client.destroy());
    const pair: [Socket, Socket] = [client, target];
    pairs.add(pair);
    client.pipe(target);
    target.pipe(client);
    client.on('close', () => {
      target.destroy();
      pairs.delete(pair);
    });
    target.on('close', () => client.destroy());
  });
  function cut(): void {
    for (const [client, target] of pairs) {
      client.destroy();
      target.destroy();
    }
  }
  function freeze(): void {
    for (const [client, target] of pairs) {
      client.unpipe(target);
      target.unpipe(client);
      client.pause();
      target.pause();
    }
  }
  function close(): void {
    cut();
    server.close();
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  relay.port = (server.address() as AddressInfo).port;
  return relay;
}
