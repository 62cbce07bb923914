import { Decoder, type Packet, PacketType } from 'socket.io-parser';
import { adpcmSamples } from '../../../../lib/ima-adpcm.ts';
import type { SocketActivity } from '../device.ts';

/** What the app's sockets have carried for its newest session. Positions are in samples of the session's audio. */
export interface Traffic {
  sessionId: string;
  rateHz: number;
  /** Audio frames sent, those that were sent again included, and their bytes. */
  frames: number;
  bytes: number;
  /** End of the newest frame. */
  sentPos: number;
  /** All audio before it was received by the container, as far as it told. */
  receivedPos: number;
  /** All audio before it is settled and stored: the phone may forget it. */
  committedPos: number;
  /** How often the session went on after its connection was lost. */
  resumed: number;
  /** The app has ended it: what it records next is another session. */
  ended: boolean;
}

/** Digits of Engine.IO's packet types: only messages carry Socket.IO. */
const ENGINE_MESSAGE = '4';
const BYTES_PER_SAMPLE = 2;
const DEFAULT_RATE_HZ = 16_000;

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
const countIn = (value: unknown, name: string): number => {
  const count = fieldsOf(value)[name];
  return typeof count === 'number' && Number.isFinite(count) && count > 0 ? count : 0;
};

/** Reads one direction of one socket. */
class PacketReader {
  readonly #decoder = new Decoder();

  constructor(onPacket: (packet: Packet) => void) {
    this.#decoder.on('decoded', onPacket);
  }

  read(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') {
      // A copy of this window's: the app's buffers are of another one.
      this.#decoder.add(new Uint8Array(data));
    } else if (data.startsWith(ENGINE_MESSAGE)) this.#decoder.add(data.slice(1));
  }
}

interface WatchedSocket {
  sent: PacketReader;
  received: PacketReader;
  /** Number of the `start` that waits for its answer. */
  startId: number | undefined;
}

/**
 * Reads what the app says to the container and hears from it. It only listens: what it cannot read is no packet of the
 * streaming service.
 */
export class TrafficMeter {
  readonly #sockets = new Map<number, WatchedSocket>();
  #traffic: Traffic | undefined;

  /** Of the newest session; undefined: there was none. */
  get traffic(): Readonly<Traffic> | undefined {
    return this.#traffic;
  }

  /** Whether a socket to the container is open. */
  get connected(): boolean {
    return this.#sockets.size > 0;
  }

  add(activity: SocketActivity): void {
    const { socket: number, kind } = activity;
    if (kind === 'opened') this.#sockets.set(number, this.#watched());
    const watched = this.#sockets.get(number);
    if (kind === 'closed') this.#sockets.delete(number);
    if (watched === undefined || (kind !== 'sent' && kind !== 'received')) return;
    try {
      watched[kind].read(activity.data);
    } catch {
      // Another protocol than Socket.IO. A decoder that has thrown is in no state to go on.
      this.#sockets.delete(number);
    }
  }

  #watched(): WatchedSocket {
    const watched: WatchedSocket = {
      sent: new PacketReader((packet) => this.#sent(watched, packet)),
      received: new PacketReader((packet) => this.#received(watched, packet)),
      startId: undefined,
    };
    return watched;
  }

  #sent(watched: WatchedSocket, { type, data, id }: Packet): void {
    if (type !== PacketType.EVENT && type !== PacketType.BINARY_EVENT) return;
    const [event, ...args] = data as unknown[];
    if (event === 'start') {
      watched.startId = id;
      this.#start(fieldsOf(args[0]));
    }
    const traffic = this.#traffic;
    if (traffic === undefined) return;
    if (event === 'audio') this.#audio(traffic, args);
    else if (event === 'stop' || event === 'cancel') traffic.ended = true;
  }

  #start({ sessionId, sampleRate }: Fields): void {
    const id = String(sessionId);
    if (this.#traffic?.sessionId === id) this.#traffic.resumed += 1;
    else
      this.#traffic = {
        ...{ sessionId: id, rateHz: typeof sampleRate === 'number' ? sampleRate : DEFAULT_RATE_HZ },
        ...{ frames: 0, bytes: 0, sentPos: 0, receivedPos: 0, committedPos: 0, resumed: 0, ended: false },
      };
  }

  /** `(pos, bytes)`, or `(pos, bytes, encoding)`. */
  #audio(traffic: Traffic, [pos, frame, encoding]: readonly unknown[]): void {
    traffic.frames += 1;
    if (!(frame instanceof Uint8Array) || typeof pos !== 'number') return;
    traffic.bytes += frame.byteLength;
    const samples = encoding === 'adpcm' ? adpcmSamples(frame) : frame.byteLength / BYTES_PER_SAMPLE;
    traffic.sentPos = Math.max(traffic.sentPos, pos + samples);
  }

  #received(watched: WatchedSocket, { type, data, id }: Packet): void {
    const [first, second] = Array.isArray(data) ? (data as unknown[]) : [];
    if (type === PacketType.ACK && id !== undefined && id === watched.startId) this.#progress(first);
    if (type !== PacketType.EVENT) return;
    if (first === 'progress') this.#progress(second);
    if (first === 'completed') this.#completed(second);
  }

  /** The traffic of the session that something was told of. */
  #of(told: unknown): Traffic | undefined {
    const { sessionId } = fieldsOf(told);
    return sessionId === undefined || sessionId === this.#traffic?.sessionId ? this.#traffic : undefined;
  }

  /** All of it is stored. */
  #completed(told: unknown): void {
    const traffic = this.#of(told);
    if (traffic === undefined) return;
    const endPos = (countIn(told, 'durationMs') * traffic.rateHz) / 1000;
    traffic.receivedPos = Math.max(traffic.receivedPos, endPos);
    traffic.committedPos = Math.max(traffic.committedPos, endPos);
  }

  #progress(told: unknown): void {
    const traffic = this.#of(told);
    if (traffic === undefined) return;
    traffic.receivedPos = Math.max(traffic.receivedPos, countIn(told, 'nextPos'));
    traffic.committedPos = Math.max(traffic.committedPos, countIn(told, 'committedPos'));
  }
}
