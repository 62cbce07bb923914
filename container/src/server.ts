import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep } from '../../lib/clock.ts';
import { KeyedBuckets } from '../../lib/token-bucket.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { SessionManager, type SessionManagerDeps } from './session/manager.ts';
import { DatabaseBudget } from './store/database-budget.ts';
import type { TransportDeps } from './transport/connection.ts';
import { CALLER_LIMITS } from './transport/limits.ts';
import { attachSocketIo } from './transport/socketio.ts';
import { attachWebSocket } from './transport/websocket.ts';

/** Clients that do not answer a close are not waited for any longer. */
const CLOSE_WAIT_MS = 2_000;

export interface Service {
  port: number;
  /** Hands the sessions over, closes every connection. Resolves when nothing is left; safe to call again. */
  stop(): Promise<void>;
}

/** The whole service on one port: `/health`, `/ready`, Socket.IO and plain WebSocket. */
export async function startService(
  config: Config,
  deps: Pick<SessionManagerDeps, 'connect' | 'store' | 'clock' | 'random' | 'newId' | 'log'>,
): Promise<Service> {
  const { clock, log } = deps;
  const budget = new DatabaseBudget(clock, config.dbWritesPerSecond);
  const manager = new SessionManager({ ...deps, budget, asrMaxSpeakMs: config.asrMaxSpeakMs }, config);
  const http = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    const ready = !manager.isDraining;
    const known = path === '/health' || path === '/ready';
    const status = !known ? 404 : path === '/ready' && !ready ? 503 : 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        known ? { ok: status === 200, draining: !ready, sessions: manager.size } : { ok: false },
      ),
    );
  });
  const transports: TransportDeps = {
    manager,
    starts: new KeyedBuckets(clock, CALLER_LIMITS.starts),
    clock,
    log,
    ticketKeys: config.ticketKeys,
    trustWxHeaders: config.trustWxHeaders,
  };
  const io = attachSocketIo(http, transports);
  const wss = attachWebSocket(http, transports);
  await listen(http, config.port, config.host, log);

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    log.info({ sessions: manager.size }, 'draining');
    await manager.drain(config.drainMs);
    for (const ws of wss.clients) ws.close();
    await Promise.race([io.close(), sleep(clock, CLOSE_WAIT_MS)]);
    http.closeAllConnections();
    log.info({}, 'stopped');
  };
  return {
    port: (http.address() as AddressInfo).port,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

function listen(http: HttpServer, port: number, host: string | undefined, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      // A connection that could not be accepted is no reason to end the others.
      http.on('error', (error) => log.error({ err: error }, 'server error'));
      resolve();
    });
  });
}
