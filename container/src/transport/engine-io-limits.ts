import type { Clock } from '../../../lib/clock.ts';
import { type Terminable, terminate } from './backpressure.ts';
import { CALLER_LIMITS } from './limits.ts';

/** A packet as Engine.IO hands it over: text, or the binary attachment that follows one. */
interface EnginePacket {
  type: string;
  data?: string | Uint8Array;
}

/** The part of an Engine.IO connection that is used here. */
interface EngineConnection extends Terminable {
  on(event: 'packet', listener: (packet: EnginePacket) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** A Socket.IO packet with attachments: type (5 event, 6 acknowledgement) and their number (socket.io-protocol, encoding). */
const WITH_ATTACHMENTS = /^[56](\d+)-/;
/** What nearly every packet begins with: audio. */
const ONE_ATTACHMENT = '51-';
const SAYS_START = '["start"';

const attachmentsOf = (packet: string): number =>
  packet.startsWith(ONE_ATTACHMENT) ? 1 : Number(WITH_ATTACHMENTS.exec(packet)?.[1] ?? 0);

/**
 * Bounds what an Engine.IO connection costs that has no session: whoever joins no namespace is closed in time, and messages
 * are small until `start` is sent. (A connection in the namespace has the deadlines of its `ClientConnection`.)
 */
export class EngineIoLimits {
  readonly #connection: EngineConnection;
  readonly #clock: Clock;
  #cancel = () => {};
  #joined = 0;
  #startSent = false;

  constructor(connection: EngineConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#arm();
    connection.on('packet', (packet) => this.#check(packet));
    connection.on('close', () => this.#cancel());
  }

  /** A socket of this connection has joined the namespace. @returns call it when that socket has left */
  join(): () => void {
    this.#joined += 1;
    this.#cancel();
    return () => {
      this.#joined -= 1;
      if (this.#joined === 0) this.#arm();
    };
  }

  #arm(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(CALLER_LIMITS.authenticateWithinMs, () => terminate(this.#connection));
  }

  #check({ type, data }: EnginePacket): void {
    if (type !== 'message' || data === undefined) return;
    if (typeof data === 'string') {
      if (attachmentsOf(data) > CALLER_LIMITS.attachmentsPerPacket) terminate(this.#connection);
      this.#startSent ||= data.includes(SAYS_START);
    }
    if (!this.#startSent && data.length > CALLER_LIMITS.earlyMessageBytes) terminate(this.#connection);
  }
}
