import { createTencentAsr } from '../container/src/asr/tencent.ts';
import type { ConnectAsr } from '../container/src/asr/types.ts';
import { Health } from '../container/src/health.ts';
import { StreamLeases, type StreamLeasesDeps } from '../container/src/leases/stream-leases.ts';
import type { Log } from '../container/src/log.ts';
import { createMetrics } from '../container/src/metrics.ts';
import { SessionManager } from '../container/src/session/manager.ts';
import type { ClientSocket } from '../container/src/session/takeover.ts';
import { giveAway, LEASE_END_MS } from '../container/src/shutdown.ts';
import { CloudbaseLeases } from '../container/src/store/cloudbase-leases.ts';
import { CloudbaseStore } from '../container/src/store/cloudbase-store.ts';
import { DatabaseBudget } from '../container/src/store/database-budget.ts';
import { ObservedStore } from '../container/src/store/observed-store.ts';
import { ClientConnection } from '../container/src/transport/connection.ts';
import { CALLER_LIMITS } from '../container/src/transport/limits.ts';
import { UpstreamAdmission } from '../container/src/upstream/admission.ts';
import { RELAY_RULES } from '../container/src/upstream/rules.ts';
import { KeyedBuckets } from '../lib/token-bucket.ts';
import type { SimDatabase } from './database.ts';
import type { Connection } from './network.ts';
import type { SimRecogniser } from './recogniser.ts';
import { watchRetries } from './retry-watch.ts';
import { type Scheduler, SimulatedHost } from './scheduler.ts';
import { ANSWER_WITHIN_MS, ServedConnection } from './served-connection.ts';
import { SessionWatch } from './session-watch.ts';
import { type ContainerSettings, configOf } from './settings.ts';
import { serveAt } from './ws.ts';

/** The balancer sends new connections to an instance that was told to end for this long, ms. */
const ROUTED_AFTER_TERM_MS = 1_500;
/** A process that has not ended by itself this long after its deadline is killed, ms. */
const KILLED_AFTER_MS = 5_000;

export interface InstanceInit {
  name: string;
  scheduler: Scheduler;
  database: SimDatabase;
  recogniser: SimRecogniser;
  /** Its streams speak Tencent's messages over a simulated socket; else they are called directly, which costs less. */
  overSockets: boolean;
  /** Streams that the instances share; undefined: they do not count them. */
  recogniserStreams: number | undefined;
  /** Of the plan: nobody is refused for having too many, so that whoever is told BUSY waits for the database. */
  sessions: number;
  settings: ContainerSettings;
  /** In [0, 1), of this instance only; of its lease only. */
  random: () => number;
  leaseRandom: () => number;
  newId: () => string;
  /** The first event of a connection that came with a ticket. */
  onBegin: (event: string) => void;
  /** Something that is to be answered. */
  onRequest: (event: string) => void;
  /** A `start` for a session is answered. */
  onStartAnswer: (sessionId: string, answer: object) => void;
  /** What the service tells a client, before it is on its way. */
  onEvent: (openid: string, event: string, payload: unknown, epoch?: number) => void;
  log: (line: string) => void;
  broken: (rule: string, detail: string) => void;
}

/** One container: the product's own code from the client connection to the store, on a clock of its own. */
export class Instance {
  readonly party: SimulatedHost;
  readonly manager: SessionManager;
  readonly leases: StreamLeases | undefined;
  readonly metrics = createMetrics();
  readonly #init: InstanceInit;
  readonly #starts: KeyedBuckets;
  readonly #connections = new Set<Connection>();
  readonly #watch: SessionWatch;
  /** Answers that are due: each has a timer of its own. */
  #expected = 0;
  #routedUntilMs = Number.POSITIVE_INFINITY;

  constructor(init: InstanceInit) {
    const party = new SimulatedHost(init.name, init.scheduler);
    const config = configOf(init.settings);
    this.party = party;
    this.#init = init;
    this.#starts = new KeyedBuckets(party, CALLER_LIMITS.starts);
    const health = new Health();
    const { metrics } = this;
    const log = this.#log({});
    const app = { database: () => init.database.client(party) };
    const cloudbase = new CloudbaseStore(app as never, party, init.random);
    const observed = new ObservedStore(cloudbase, { clock: party, log, metrics, health });
    const store = watchRetries(observed, () => init.scheduler.nowMs, init.broken);
    const budget = new DatabaseBudget(party, config.dbWritesPerSecond);
    this.leases = this.#leases(
      { store: new CloudbaseLeases(app as never), budget, log, health },
      config.maxSessions,
    );
    this.manager = new SessionManager(
      {
        connect: init.overSockets
          ? this.#overSockets()
          : (params, handlers) => init.recogniser.connect(party, params, handlers),
        store,
        budget,
        admission: new UpstreamAdmission(party, this.leases),
        clock: party,
        random: init.random,
        newId: init.newId,
        hashUser: (openid) => openid,
        log,
        metrics,
        health,
        sentenceCheckpoints: config.sentenceCheckpoints,
        relayRules: { ...RELAY_RULES, catchUpRate: config.asrCatchUpRate },
      },
      {
        maxSessions: config.maxSessions,
        maxSessionsPerUser: Math.max(config.maxSessionsPerUser, init.sessions),
      },
    );
    const isUp = () => party.alive && !party.isPaused;
    this.#watch = new SessionWatch(init.scheduler, this.manager, isUp, init.broken);
  }

  #leases(
    deps: Pick<StreamLeasesDeps, 'store' | 'budget' | 'log' | 'health'>,
    maxSessions: number,
  ): StreamLeases | undefined {
    const { name: id, recogniserStreams: streams, leaseRandom: random } = this.#init;
    if (streams === undefined) return undefined;
    const { party: clock, metrics } = this;
    return new StreamLeases({ ...deps, id, random, clock, metrics }, { streams, maxSessions });
  }

  /** The product's own connection to Tencent's service. */
  #overSockets(): ConnectAsr {
    const { name, recogniser, random, newId } = this.#init;
    const endpoint = serveAt(`${name}.simulated`, { party: this.party, recogniser });
    const keys = { appId: '1250000000', secretId: 'simulated', secretKey: 'simulated' };
    return createTencentAsr({ ...keys, endpoint, clock: this.party, random, newId });
  }

  /** New connections come here. */
  get accepts(): boolean {
    return this.party.alive && this.#init.scheduler.nowMs < this.#routedUntilMs;
  }

  /** Timers that the product has set. */
  get pendingTimers(): number {
    return this.party.pending - this.#expected;
  }

  /** SIGTERM: hands the sessions over, then the process ends. */
  terminate(drainMs: number): void {
    const { scheduler, broken, name } = this.#init;
    this.#routedUntilMs = scheduler.nowMs + ROUTED_AFTER_TERM_MS;
    // A paused process learns of it when it runs again.
    this.party.after(0, () => {
      const atMs = scheduler.nowMs;
      void giveAway(this.manager, this.leases, this.party, drainMs).then(() => this.kill());
      const limitMs = drainMs + KILLED_AFTER_MS + (this.leases ? LEASE_END_MS : 0);
      this.party.after(limitMs, () => {
        if (!this.party.wasPausedSince(atMs))
          broken('an instance hands its sessions over in time', `${name} has ${this.manager.size}`);
        this.kill();
      });
    });
  }

  kill(): void {
    if (!this.party.alive) return;
    const connections = [...this.#connections];
    this.party.kill();
    for (const connection of connections) connection.cut();
  }

  /** Serves a new connection. */
  accept(connection: Connection): void {
    const { newId, onBegin, onRequest, onStartAnswer, onEvent, broken } = this.#init;
    this.#connections.add(connection);
    const served = new ServedConnection(connection, {
      party: this.party,
      watch: this.#watch,
      newId,
      clientFor: (...args) => this.#clientFor(...args),
      onBegin,
      onRequest,
      onStartAnswer,
      onEvent,
      broken,
      expect: (what) => this.#expect(what),
    });
    connection.server = {
      message: (frame) => served.frame(frame),
      closed: () => {
        this.#connections.delete(connection);
        served.closed();
      },
    };
  }

  #clientFor(
    socket: ClientSocket,
    authenticate: (token: string | undefined) => Promise<string>,
    authenticated: boolean,
  ): ClientConnection {
    const { party, manager, metrics } = this;
    const deps = {
      manager,
      starts: this.#starts,
      clock: party,
      metrics,
      newId: this.#init.newId,
      hashUser: (user: string) => user,
      log: this.#log({}),
    };
    return new ClientConnection(deps, socket, authenticate, authenticated);
  }

  /** An answer that is due. */
  #expect(what: string): () => void {
    this.#expected += 1;
    let isDue = true;
    let cancel = () => {};
    const done = () => {
      if (isDue) this.#expected -= 1;
      isDue = false;
      cancel();
    };
    const wait = () => {
      const fromMs = this.#init.scheduler.nowMs;
      cancel = this.party.after(ANSWER_WITHIN_MS, () => {
        // A process that stands still answers nothing: it has the time again when it goes on.
        if (this.party.wasPausedSince(fromMs)) {
          wait();
          return;
        }
        done();
        this.#init.broken('every request is answered', `${this.#init.name}: ${what}`);
      });
    };
    wait();
    return done;
  }

  #log(fields: object): Log {
    const write = (level: string) => (more: object, message: string) =>
      this.#init.log(`${this.#init.name} ${level} ${message} ${JSON.stringify({ ...fields, ...more })}`);
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (more) => this.#log({ ...fields, ...more }),
    };
  }
}
