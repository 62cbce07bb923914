/**
 * Nearly all that a phone sends is audio, and each frame of it passes some ten functions and two ticks of Engine.IO and Socket.IO before
 * it arrives. Here the packets that carry it are recognised by their bytes and handed over at once; all others go the usual way.
 * Measured in docs/benchmarks.md.
 */
import type { RawData, WebSocket } from 'ws';
import { NAMESPACE } from '../../../contract/stream.ts';

/**
 * An Engine.IO message (4) with a Socket.IO event that has one attachment (51-): the text comes first, the attachment is the next
 * message (engine.io-protocol 4, socket.io-protocol 5, "Packet encoding"). This is what every client makes of
 * `emit('audio', position, pcm)`.
 */
const HEAD = Buffer.from(`451-${NAMESPACE},["audio",`);
const TAIL = Buffer.from(',{"_placeholder":true,"num":0}]');
/** Below `Number.MAX_SAFE_INTEGER`. */
const MAX_DIGITS = 15;
const [ZERO, NINE] = [0x30, 0x39];

/** @returns the position, samples; undefined: it is another packet, or one that is spelled in another way */
export function audioPositionOf(packet: Uint8Array): number | undefined {
  const digits = packet.length - HEAD.length - TAIL.length;
  if (digits < 1 || digits > MAX_DIGITS) return undefined;
  for (let i = 0; i < HEAD.length; i++) if (packet[i] !== HEAD[i]) return undefined;
  const end = HEAD.length + digits;
  // No number of JSON begins with a zero but zero.
  if (digits > 1 && packet[HEAD.length] === ZERO) return undefined;
  let position = 0;
  for (let i = HEAD.length; i < end; i++) {
    const digit = packet[i] as number;
    if (digit < ZERO || digit > NINE) return undefined;
    position = position * 10 + (digit - ZERO);
  }
  for (let i = 0; i < TAIL.length; i++) if (packet[end + i] !== TAIL[i]) return undefined;
  return position;
}

/** An event or an acknowledgement with attachments: Engine.IO's 4, then Socket.IO's 5 or 6. */
const hasAttachments = (packet: Uint8Array): boolean =>
  packet[0] === 0x34 && (packet[1] === 0x35 || packet[1] === 0x36);

/** The part of an Engine.IO connection that is used here. */
interface EngineConnection {
  /** 3: attachments are marked by a byte in front. */
  readonly protocol: number;
  readonly readyState: string;
  on(event: 'packetCreate', listener: (packet: { type: string }) => void): unknown;
}

/** @param pos of the frame's first sample @param pcm memory of the socket */
export type TakeAudio = (pos: number, pcm: Buffer) => void;
type Receive = (data: RawData, isBinary: boolean) => void;

/** The audio of one Engine.IO connection. */
export class AudioPackets {
  readonly #connection: EngineConnection;
  /** Engine.IO's own listener. */
  readonly #receive: Receive | undefined;
  #take: TakeAudio | undefined;
  /** The text of an audio packet whose attachment has not come. */
  #head: Buffer | undefined;
  #pos = 0;
  /** Engine.IO has been given a text whose attachment has not come. */
  #attachmentDue = false;
  /** Socket.IO handles what it was given a tick later: audio behind it goes the same way, so that it does not overtake. */
  #isBehind = false;
  /** Engine.IO gives a client more time for its pong once anything else has come after the ping: so it must see something. */
  #pinged = false;

  /** @param ws of `connection`, from which Engine.IO takes its messages already */
  constructor(connection: EngineConnection, ws: WebSocket) {
    this.#connection = connection;
    this.#receive = ws.listeners('message')[0] as Receive | undefined;
    if (!this.#receive || connection.protocol !== 4) return;
    ws.off('message', this.#receive);
    ws.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    connection.on('packetCreate', ({ type }) => {
      if (type === 'ping') this.#pinged = true;
    });
  }

  /** From now on audio goes to `take`, which must not throw. @returns ends that */
  handTo(take: TakeAudio): () => void {
    this.#take = take;
    return () => {
      if (this.#take === take) this.#take = undefined;
    };
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const head = this.#head;
    this.#head = undefined;
    if (head && isBinary && this.#take) this.#take(this.#pos, data);
    else if (head) {
      this.#pass(head, false);
      this.#pass(data, isBinary);
    } else if (isBinary || !this.#isAudio(data)) this.#pass(data, isBinary);
    else this.#head = data;
  }

  #isAudio(packet: Buffer): boolean {
    if (!this.#take || this.#isBehind || this.#attachmentDue || this.#pinged) return false;
    const pos = audioPositionOf(packet);
    if (pos === undefined || this.#connection.readyState !== 'open') return false;
    this.#pos = pos;
    return true;
  }

  #pass(data: Buffer, isBinary: boolean): void {
    this.#pinged = false;
    this.#attachmentDue = !isBinary && hasAttachments(data);
    this.#receive?.(data, isBinary);
    if (this.#isBehind) return;
    this.#isBehind = true;
    process.nextTick(() => {
      this.#isBehind = false;
    });
  }
}
