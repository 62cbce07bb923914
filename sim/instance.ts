import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import type { ConnectAsr } from '../container/src/asr/types.ts';
import { Health } from '../container/src/health.ts';
import type { Log } from '../container/src/log.ts';
import { createMetrics } from '../container/src/metrics.ts';
import { SessionManager } from '../container/src/session/manager.ts';
import type { ClientSocket } from '../container/src/session/takeover.ts';
import { CloudbaseStore } from '../container/src/store/cloudbase-store.ts';
import { DatabaseBudget } from '../container/src/store/database-budget.ts';
import { ObservedStore } from '../container/src/store/observed-store.ts';
import type { SessionStore } from '../container/src/store/types.ts';
import { type Acknowledge, ClientConnection } from '../container/src/transport/connection.ts';
import { CALLER_LIMITS } from '../container/src/transport/limits.ts';
import { UpstreamAdmission } from '../container/src/upstream/admission.ts';
import { VoiceError } from '../contract/errors.ts';
import { NAMESPACE } from '../contract/stream.ts';
import { KeyedBuckets } from '../lib/token-bucket.ts';
import type { SimDatabase } from './database.ts';
import type { Connection, Frame } from './network.ts';
import type { SimRecogniser } from './recogniser.ts';
import { type Scheduler, SimulatedHost } from './scheduler.ts';

/** Engine.IO heartbeat of the service, ms. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;
const DB_REQUESTS_PER_SECOND = 20;

/** A ticket of the simulation: who, and until when (epoch ms). */
export const ticketOf = (openid: string, expiresAtMs: number): string => `${openid}|${expiresAtMs}`;

export interface InstanceInit {
  name: string;
  scheduler: Scheduler;
  database: SimDatabase;
  recogniser: SimRecogniser;
  /** In [0, 1), of this instance only. */
  random: () => number;
  newId: () => string;
  /** What the service tells a client, before it is on its way. */
  onEvent: (event: string, payload: unknown) => void;
  log: (line: string) => void;
}

/** One container: the product's own code from the client connection to the store, on a clock of its own. */
export class Instance {
  readonly party: SimulatedHost;
  readonly manager: SessionManager;
  readonly metrics = createMetrics();
  readonly #init: InstanceInit;
  readonly #starts: KeyedBuckets;
  readonly #connections = new Set<Connection>();

  constructor(init: InstanceInit) {
    const party = new SimulatedHost(init.name, init.scheduler);
    this.party = party;
    this.#init = init;
    this.#starts = new KeyedBuckets(party, CALLER_LIMITS.starts);
    const health = new Health();
    const { metrics } = this;
    const log = this.#log({});
    const app = { database: () => init.database.client(party) };
    const cloudbase = new CloudbaseStore(app as never, party, init.random);
    const store: SessionStore = new ObservedStore(cloudbase, { clock: party, log, metrics, health });
    const connect: ConnectAsr = (params, handlers) => init.recogniser.connect(party, params, handlers);
    this.manager = new SessionManager(
      {
        connect,
        store,
        budget: new DatabaseBudget(party, DB_REQUESTS_PER_SECOND),
        admission: new UpstreamAdmission(party),
        clock: party,
        random: init.random,
        newId: init.newId,
        hashUser: (openid) => openid,
        log,
        metrics,
        health,
      },
      { maxSessions: 200, maxSessionsPerUser: 5 },
    );
  }

  get accepts(): boolean {
    return this.party.alive && !this.manager.isDraining;
  }

  /** Timers of the product; what the metrics and the heartbeats of closed connections leave is none. */
  get pendingTimers(): number {
    return this.party.pending;
  }

  /** SIGTERM: hands the sessions over, then the process ends. */
  terminate(drainMs: number): void {
    void this.manager.drain(drainMs).then(() => this.kill());
    this.party.after(drainMs + 5_000, () => this.kill());
  }

  kill(): void {
    if (!this.party.alive) return;
    const connections = [...this.#connections];
    this.party.kill();
    for (const connection of connections) connection.cut();
  }

  /** Serves a new connection: Engine.IO v4 and Socket.IO v5, with the official parser. */
  accept(connection: Connection): void {
    this.#connections.add(connection);
    const served = new ServedConnection(this, connection, this.#init);
    connection.server = {
      message: (frame) => served.frame(frame),
      closed: () => {
        this.#connections.delete(connection);
        served.closed();
      },
    };
  }

  connectionFor(socket: ClientSocket, openid: string, expiresAtMs: number): ClientConnection {
    const { party, manager, metrics } = this;
    const { newId } = this.#init;
    const authenticate = async () => {
      if (party.now() > expiresAtMs) throw new VoiceError('TICKET_EXPIRED');
      return openid;
    };
    const deps = {
      manager,
      starts: this.#starts,
      clock: party,
      metrics,
      newId,
      hashUser: (user: string) => user,
      log: this.#log({}),
    };
    return new ClientConnection(deps, socket, authenticate, true);
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

class ServedConnection {
  readonly #instance: Instance;
  readonly #connection: Connection;
  readonly #init: InstanceInit;
  readonly #decoder = new Decoder();
  readonly #encoder = new Encoder();
  #client: ClientConnection | undefined;
  #isOpen = true;
  #cancelPing = () => {};

  constructor(instance: Instance, connection: Connection, init: InstanceInit) {
    this.#instance = instance;
    this.#connection = connection;
    this.#init = init;
    this.#decoder.on('decoded', (packet: Packet) => this.#packet(packet));
    const times = { pingInterval: PING_INTERVAL_MS, pingTimeout: PING_TIMEOUT_MS, maxPayload: 2_000_000 };
    connection.toClient(`0${JSON.stringify({ sid: init.newId(), upgrades: [], ...times })}`);
    this.#ping();
  }

  frame(frame: Frame): void {
    if (!this.#isOpen) return;
    if (typeof frame !== 'string') this.#decoder.add(Buffer.from(frame));
    else if (frame[0] === '4') this.#decoder.add(frame.slice(1));
    else if (frame[0] === '3') this.#ping();
    else if (frame[0] === '1') this.#close();
  }

  closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cancelPing();
    this.#decoder.destroy();
    this.#client?.close();
  }

  #close(): void {
    this.#connection.closeFromServer();
    this.closed();
  }

  /** The next ping; a client that does not answer it is gone. */
  #ping(): void {
    const { party } = this.#instance;
    this.#cancelPing();
    this.#cancelPing = party.after(PING_INTERVAL_MS, () => {
      this.#connection.toClient('2');
      this.#cancelPing = party.after(PING_TIMEOUT_MS, () => this.#close());
    });
  }

  #packet({ type, nsp, id, data }: Packet): void {
    if (nsp !== NAMESPACE) return;
    if (type === PacketType.CONNECT) this.#connect(data as { ticket?: string } | undefined);
    else if (type === PacketType.DISCONNECT) this.#close();
    else if (type === PacketType.EVENT || type === PacketType.BINARY_EVENT) {
      const [event, ...args] = data as [string, ...unknown[]];
      const ack: Acknowledge | undefined =
        id === undefined
          ? undefined
          : (answer) => this.#send({ type: PacketType.ACK, nsp, id, data: [answer] });
      this.#client?.handle(event, args, ack);
    }
  }

  #connect(auth: { ticket?: string } | undefined): void {
    const [openid, expires] = (auth?.ticket ?? '').split('|');
    const expiresAtMs = Number(expires);
    const valid = openid && expiresAtMs > this.#instance.party.now();
    if (!valid) {
      const refusal = new VoiceError(openid ? 'TICKET_EXPIRED' : 'UNAUTHENTICATED').toWire();
      const data = { message: refusal.message, data: refusal };
      this.#send({ type: PacketType.CONNECT_ERROR, nsp: NAMESPACE, data });
      return;
    }
    const socket: ClientSocket = {
      id: this.#init.newId(),
      emit: (event, ...args) => {
        this.#init.onEvent(event, args[0]);
        this.#send({ type: PacketType.EVENT, nsp: NAMESPACE, data: [event, ...args] });
      },
      close: () => this.#close(),
    };
    this.#client = this.#instance.connectionFor(socket, openid, expiresAtMs);
    this.#send({ type: PacketType.CONNECT, nsp: NAMESPACE, data: { sid: this.#init.newId() } });
  }

  #send(packet: Packet): void {
    if (!this.#isOpen) return;
    for (const part of this.#encoder.encode(packet))
      this.#connection.toClient(typeof part === 'string' ? `4${part}` : part);
  }
}
