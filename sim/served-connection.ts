import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import type { ClientSocket } from '../container/src/session/takeover.ts';
import type { Acknowledge, ClientConnection } from '../container/src/transport/connection.ts';
import { EngineIoLimits } from '../container/src/transport/engine-io-limits.ts';
import { asVoiceError } from '../contract/errors.ts';
import { NAMESPACE } from '../contract/stream.ts';
import type { Connection, Frame } from './network.ts';
import type { SimulatedHost } from './scheduler.ts';
import type { SessionWatch } from './session-watch.ts';
import { authenticatorFor, isHostile } from './tickets.ts';

/** Engine.IO heartbeat of the service, ms. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;
/**
 * A request is answered within this time, or its connection is closed: five attempts to claim a session, each with its turn at the database
 * and three requests that are given up, twice, since two starts of one session take turns.
 */
export const ANSWER_WITHIN_MS = 2 * 5 * (5_000 + 3 * 5_000);

export interface ServedInit {
  party: SimulatedHost;
  watch: SessionWatch;
  newId: () => string;
  /** The product's connection for a caller. */
  clientFor: (
    socket: ClientSocket,
    authenticate: (token: string | undefined) => Promise<string>,
    authenticated: boolean,
  ) => ClientConnection;
  /** The first event of a connection that came with a ticket. */
  onBegin: (event: string) => void;
  /** Something that is to be answered. */
  onRequest: (event: string) => void;
  /** A `start` for a session is answered. */
  onStartAnswer: (sessionId: string, answer: object) => void;
  /** What the service tells a client, before it is on its way; `epoch`: under which the instance has the client's session. */
  onEvent: (openid: string, event: string, payload: unknown, epoch?: number) => void;
  broken: (rule: string, detail: string) => void;
  /** An answer is due; counted so that its limit is not taken for a timer of the product. @returns call it when it has come */
  expect: (what: string) => () => void;
}

type EngineListener = (packet: { type: string; data?: string | Uint8Array }) => void;

/** One connection as the service's transport has it: Engine.IO v4 and Socket.IO v5, with the official parser. */
export class ServedConnection {
  readonly #connection: Connection;
  readonly #init: ServedInit;
  readonly #decoder = new Decoder();
  readonly #encoder = new Encoder();
  readonly #pending = new Set<() => void>();
  readonly #limits: EngineIoLimits;
  #onPacket: EngineListener = () => {};
  #onClose = () => {};
  #left: (() => void) | undefined;
  #client: ClientConnection | undefined;
  #openid = '';
  #sessionId: string | undefined;
  #begun = false;
  #isHonest = false;
  #isOpen = true;
  #cancelPing = () => {};

  constructor(connection: Connection, init: ServedInit) {
    this.#connection = connection;
    this.#init = init;
    this.#decoder.on('decoded', (packet: Packet) => this.#packet(packet));
    const engine = {
      transport: {},
      close: () => this.#close(),
      on: (event: 'packet' | 'close', listener: EngineListener) => {
        if (event === 'packet') this.#onPacket = listener;
        else this.#onClose = listener as () => void;
      },
    };
    this.#limits = new EngineIoLimits(engine, init.party);
    const times = { pingInterval: PING_INTERVAL_MS, pingTimeout: PING_TIMEOUT_MS, maxPayload: 2_000_000 };
    connection.toClient(`0${JSON.stringify({ sid: init.newId(), upgrades: [], ...times })}`);
    this.#ping();
  }

  frame(frame: Frame): void {
    if (!this.#isOpen) return;
    const isMessage = typeof frame !== 'string' || frame[0] === '4';
    if (!isMessage) {
      if (frame[0] === '3') this.#ping();
      else if (frame[0] === '1') this.#close();
      return;
    }
    const data = typeof frame === 'string' ? frame.slice(1) : Buffer.from(frame);
    this.#onPacket({ type: 'message', data });
    if (!this.#isOpen) return;
    try {
      this.#decoder.add(data);
    } catch {
      // As Socket.IO's server does with what is no packet.
      this.#close();
    }
  }

  closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cancelPing();
    this.#decoder.destroy();
    this.#onClose();
    this.#left?.();
    this.#client?.close();
    for (const done of this.#pending) done();
    if (this.#sessionId !== undefined) this.#init.watch.detached(this.#sessionId, this);
  }

  #close(): void {
    this.#connection.closeFromServer();
    this.closed();
  }

  /** The next ping; a client that does not answer it is gone. */
  #ping(): void {
    const { party } = this.#init;
    this.#cancelPing();
    this.#cancelPing = party.after(PING_INTERVAL_MS, () => {
      this.#connection.toClient('2');
      this.#cancelPing = party.after(PING_TIMEOUT_MS, () => this.#close());
    });
  }

  #packet({ type, nsp, id, data }: Packet): void {
    if (nsp !== NAMESPACE) return;
    if (type === PacketType.CONNECT) this.#connect(data as { ticket?: unknown } | undefined);
    else if (type === PacketType.DISCONNECT) this.#close();
    else if (type === PacketType.EVENT || type === PacketType.BINARY_EVENT) {
      const [event, ...args] = data as [string, ...unknown[]];
      if (!this.#begun && this.#isHonest) this.#init.onBegin(event);
      this.#begun = true;
      this.#client?.handle(event, args, id === undefined ? undefined : this.#acknowledge(event, id, args[0]));
      if (event === 'audio' && this.#sessionId !== undefined) this.#init.watch.checkBuffer(this.#sessionId);
    }
  }

  #acknowledge(event: string, id: number, request: unknown): Acknowledge {
    this.#init.onRequest(event);
    const answered = this.#init.expect(`${event} of ${this.#openid}`);
    const done = () => {
      answered();
      this.#pending.delete(done);
    };
    this.#pending.add(done);
    return (answer) => {
      done();
      const { sessionId, state } = answer as { sessionId?: string; state?: string };
      if (event === 'start' && sessionId !== undefined && state === 'live' && this.#isOpen) {
        this.#sessionId = sessionId;
        this.#init.watch.attached(sessionId, this);
      }
      const asked = (request as { sessionId?: unknown } | undefined)?.sessionId;
      if (event === 'start' && typeof asked === 'string') this.#init.onStartAnswer(asked, answer);
      if (event !== 'stop') this.#init.onEvent(this.#openid, `answer:${event}`, answer);
      this.#send({ type: PacketType.ACK, nsp: NAMESPACE, id, data: [answer] });
    };
  }

  #connect(auth: { ticket?: unknown } | undefined): void {
    const { party, newId, onEvent, clientFor, watch } = this.#init;
    const ticket = auth?.ticket ?? undefined;
    let authenticate: (token: string | undefined) => Promise<string>;
    try {
      authenticate = authenticatorFor(ticket, party.now);
    } catch (error) {
      const refusal = asVoiceError(error).toWire();
      const data = { message: refusal.message, data: refusal };
      this.#send({ type: PacketType.CONNECT_ERROR, nsp: NAMESPACE, data });
      return;
    }
    const socket: ClientSocket = {
      id: newId(),
      emit: (event, ...args) => {
        const epoch = this.#sessionId === undefined ? undefined : watch.epochOf(this.#sessionId);
        onEvent(this.#openid, event, args[0], epoch);
        this.#send({ type: PacketType.EVENT, nsp: NAMESPACE, data: [event, ...args] });
      },
      close: () => this.#close(),
    };
    const known = async (token: string | undefined) => {
      this.#openid = await authenticate(token);
      return this.#openid;
    };
    this.#isHonest = ticket !== undefined && !isHostile(ticket);
    this.#left = this.#limits.join();
    this.#client = clientFor(socket, known, ticket !== undefined);
    this.#send({ type: PacketType.CONNECT, nsp: NAMESPACE, data: { sid: newId() } });
  }

  #send(packet: Packet): void {
    if (!this.#isOpen) return;
    for (const part of this.#encoder.encode(packet))
      this.#connection.toClient(typeof part === 'string' ? `4${part}` : part);
  }
}
