import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** How often each backend is asked whether it takes new connections. */
const HEALTH_EVERY_MS = 250;
const HEALTH_TIMEOUT_MS = 1_000;

export interface Balancer {
  url: string;
  port: number;
  /** Backends that take new connections, as seen by the last health check. */
  readonly healthy: readonly string[];
  close(): Promise<void>;
}

/**
 * Spreads TCP connections over backends in turn, like the cloud's gateway in front of several instances: no sticky
 * sessions, new connections only to those whose `/ready` answers 200, open ones stay where they are.
 * @param backends `http://host:port`
 */
export async function startBalancer(backends: readonly string[], port = 0): Promise<Balancer> {
  const healthy = new Set<string>();
  const sockets = new Set<Socket>();
  let turn = 0;

  const check = async (): Promise<void> => {
    await Promise.all(
      backends.map(async (backend) => {
        if (await isReady(backend)) healthy.add(backend);
        else healthy.delete(backend);
      }),
    );
  };
  let closing = false;
  let timer: NodeJS.Timeout | undefined;
  const watch = async (): Promise<void> => {
    await check();
    if (!closing) timer = setTimeout(() => void watch(), HEALTH_EVERY_MS);
  };

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const candidates = backends.filter((backend) => healthy.has(backend));
    const chosen = candidates[turn++ % candidates.length];
    keep(client);
    client.on('error', () => client.destroy());
    if (!chosen) return client.destroy();
    const target = new URL(chosen);
    const upstream = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true });
    keep(upstream);
    upstream.on('error', () => {
      healthy.delete(chosen);
      client.destroy();
    });
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  await watch();
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    get healthy() {
      return [...healthy];
    },
    async close() {
      closing = true;
      clearTimeout(timer);
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function isReady(backend: string): Promise<boolean> {
  try {
    const response = await fetch(`${backend}/ready`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
