import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BUILD } from '../../lib/build.ts';
import { type Clock, sleep } from '../../lib/clock.ts';
import { KeyedBuckets } from '../../lib/token-bucket.ts';
import type { Config } from './config.ts';
import { Health } from './health.ts';
import { StreamLeases, type StreamLeasesDeps } from './leases/stream-leases.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { SessionManager, type SessionManagerDeps } from './session/manager.ts';
import { giveAway } from './shutdown.ts';
import { DatabaseBudget } from './store/database-budget.ts';
import { ObservedStore } from './store/observed-store.ts';
import type { LeaseStore, SessionStore } from './store/types.ts';
import { userHasher } from './transport/auth.ts';
import type { TransportDeps } from './transport/connection.ts';
import { answerJson, pathOf, type RequestHandler } from './transport/http-answer.ts';
import { CALLER_LIMITS, dailyAudioRule } from './transport/limits.ts';
import { attachTransports } from './transport/routes.ts';
import { UnauthenticatedLimiter } from './transport/unauthenticated-limiter.ts';
import { UpstreamAdmission } from './upstream/admission.ts';
import { RELAY_RULES } from './upstream/rules.ts';

/** Clients that do not answer a close are not waited for any longer. */
const CLOSE_WAIT_MS = 2_000;

/** Between attempts to reach the database at the start, ms; the last one repeats. */
const PROBE_RETRY_MS = [200, 1_000, 5_000] as const;

export interface Service {
  port: number;
  /** Of `/metrics`; undefined: it is off. */
  metricsPort: number | undefined;
  /** Hands the sessions over, closes every connection. Resolves when nothing is left; safe to call again. */
  stop(): Promise<void>;
}

interface ServiceDeps
  extends Pick<SessionManagerDeps, 'connect' | 'store' | 'clock' | 'random' | 'newId' | 'log' | 'metrics'> {
  /** Used where the configuration says how many streams the account has. */
  leaseStore: LeaseStore;
}

/**
 * The whole service: `/health`, `/ready`, Socket.IO and WebSocket on one port, `/metrics` on another.
 * `/health`: the process answers. `/ready`: 503 while it drains and until the database has answered once; after that 200, with
 * permanent faults of the database and the recogniser named.
 */
export async function startService(config: Config, { leaseStore, ...given }: ServiceDeps): Promise<Service> {
  const { clock, log, metrics } = given;
  const health = new Health();
  const store = new ObservedStore(given.store, { clock, log, metrics, health });
  const budget = new DatabaseBudget(clock, config.dbWritesPerSecond);
  const leases = leasesOf(config, { ...given, store: leaseStore, budget, health });
  const admission = new UpstreamAdmission(clock, leases);
  const hashUser = userHasher(config.ticketKeys);
  const own = { store, budget, admission, health, hashUser };
  const deps: SessionManagerDeps = { ...given, ...own, ...settingsOf(config) };
  const manager = new SessionManager(deps, config);
  const http = createServer();
  const transportDeps: TransportDeps = {
    manager,
    starts: new KeyedBuckets(clock, CALLER_LIMITS.starts),
    clock,
    log,
    dailyAudio:
      config.maxAudioSecondsPerDay > 0
        ? new KeyedBuckets(clock, dailyAudioRule(config.maxAudioSecondsPerDay))
        : undefined,
    unauthenticated: new UnauthenticatedLimiter(clock, config.trustedProxies),
    newId: deps.newId,
    hashUser,
    metrics,
    ticketKeys: config.ticketKeys,
    trustWxHeaders: config.trustWxHeaders,
  };
  const { socketIoPath } = config;
  const transports = attachTransports(http, transportDeps, {
    socketIoPath,
    health: healthPages(manager, health),
  });
  await listen(http, config.port, config.host, log);
  const metricsServer = await serveMetrics(config, metrics, budget, log);
  let stopped = false;
  void probe(store, clock, () => stopped || health.hasStarted);

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    log.info({ sessions: manager.size }, 'draining');
    stopped = true;
    await giveAway(manager, leases, clock, config.drainMs);
    const closed = new Promise((resolve) => http.close(resolve));
    await Promise.race([transports.close().then(() => closed), sleep(clock, CLOSE_WAIT_MS)]);
    http.closeAllConnections();
    metricsServer?.close();
    log.info({}, 'stopped');
  };
  return {
    port: (http.address() as AddressInfo).port,
    metricsPort: (metricsServer?.address() as AddressInfo | undefined)?.port,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** The streams that the instances share; undefined: they are not counted. */
function leasesOf(
  { recogniserStreams: streams, maxSessions }: Config,
  deps: Omit<StreamLeasesDeps, 'id'> & { newId: () => string },
): StreamLeases | undefined {
  if (streams === undefined) return undefined;
  return new StreamLeases({ ...deps, id: deps.newId() }, { streams, maxSessions });
}

/** What the environment decides of how sessions are recognised. */
const settingsOf = ({ asrMaxSpeakMs, sentenceCheckpoints, asrCatchUpRate }: Config) => ({
  asrMaxSpeakMs,
  sentenceCheckpoints,
  relayRules: { ...RELAY_RULES, catchUpRate: asrCatchUpRate },
});

/** `/health`: the process answers. `/ready`: it takes sessions. Both say the same of it. */
const healthPages =
  (manager: SessionManager, health: Health): RequestHandler =>
  (request, response) => {
    const { isDraining: draining, size: sessions } = manager;
    const isReady = !draining && health.hasStarted;
    const ok = pathOf(request) === '/health' || isReady;
    answerJson(response, ok ? 200 : 503, { ok, draining, sessions, faults: health.faults, ...BUILD });
  };

/** Asks the database for a record that does not exist, until it answers. */
async function probe(store: SessionStore, clock: Clock, isOver: () => boolean): Promise<void> {
  for (let tries = 0; !isOver(); tries++) {
    try {
      await store.load('ready-probe');
    } catch {
      await sleep(clock, PROBE_RETRY_MS[Math.min(tries, PROBE_RETRY_MS.length - 1)] as number);
    }
  }
}

/** Prometheus text on a port of its own, which the gateway does not publish. */
async function serveMetrics(
  config: Config,
  metrics: Metrics,
  budget: DatabaseBudget,
  log: Log,
): Promise<HttpServer | undefined> {
  if (config.metricsPort === undefined) return undefined;
  const server = createServer(async (request, response) => {
    const known = request.url?.split('?')[0] === '/metrics';
    metrics.storeQueue.set(budget.queued);
    response.writeHead(known ? 200 : 404, { 'content-type': metrics.registry.contentType });
    response.end(known ? await metrics.registry.metrics() : '');
  });
  await listen(server, config.metricsPort, config.host, log);
  return server;
}

function listen(http: HttpServer, port: number, host: string | undefined, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      // Failing to accept one connection must not end the others.
      http.on('error', (error) => log.error({ err: error }, 'server error'));
      resolve();
    });
  });
}
