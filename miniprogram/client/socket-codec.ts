import { exactBuffer, isBinary } from './binary.ts';

/** Socket.IO protocol v5, "Packet types". */
export const CONNECT = 0;
export const DISCONNECT = 1;
export const EVENT = 2;
export const ACK = 3;
export const CONNECT_ERROR = 4;
const BINARY_EVENT = 5;
const BINARY_ACK = 6;
/** From a plain type to its binary form. */
const TO_BINARY = BINARY_EVENT - EVENT;

export interface Packet {
  /** Binary events and acks are told as `EVENT` and `ACK`. */
  type: number;
  nsp: string;
  id?: number | undefined;
  data?: unknown;
}

/** Names that belong to the library; neither side may emit them. */
export const RESERVED = [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
];

const isObject = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Object]';

/** Takes binary values out, depth first, and leaves placeholders. What holds none is returned as it is, not copied. */
function extract(value: unknown, attachments: ArrayBuffer[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isBinary(value)) return { _placeholder: true, num: attachments.push(exactBuffer(value)) - 1 };
  const source = value as Record<string | number, unknown>;
  if (typeof source.toJSON === 'function') {
    const count = attachments.length;
    const json = extract(source.toJSON(), attachments);
    return attachments.length > count ? json : value;
  }
  const keys = Array.isArray(value) ? undefined : Object.keys(value);
  const length = keys ? keys.length : (source.length as number);
  let copy: typeof source | undefined;
  for (let i = 0; i < length; i++) {
    const key = keys ? (keys[i] as string) : i;
    const before = source[key];
    const after = extract(before, attachments);
    if (after === before) continue;
    copy = copy || (keys ? Object.assign({}, source) : ((value as unknown[]).slice() as never));
    copy[key] = after;
  }
  return copy || value;
}

/**
 * @param attachments filled with the binary frames that must follow the text at once, in this order
 * @returns the text of the packet
 * @throws TypeError for data that JSON cannot hold (cycles, BigInt)
 */
export function encodePacket(packet: Packet, attachments: ArrayBuffer[]): string {
  let { type, data } = packet;
  if (type === EVENT || type === ACK) data = extract(data, attachments);
  let text = '';
  if (attachments.length) {
    type += TO_BINARY;
    text = `${attachments.length}-`;
  }
  text = type + text;
  if (packet.nsp !== '/') text += `${packet.nsp},`;
  if (packet.id !== undefined) text += packet.id;
  return data === undefined || data === null ? text : text + JSON.stringify(data);
}

/** @throws Error where a placeholder names no attachment */
function restore(value: unknown, attachments: unknown[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const target = value as Record<string, unknown>;
  if (target._placeholder === true) {
    const num = target.num as number;
    if (typeof num !== 'number' || !(num in attachments)) throw new Error('illegal attachments');
    return attachments[num];
  }
  for (const key of Object.keys(target)) target[key] = restore(target[key], attachments);
  return value;
}

function isPayloadValid(type: number, data: unknown): boolean {
  if (type === CONNECT) return isObject(data);
  if (type === DISCONNECT) return false;
  if (type === CONNECT_ERROR) return typeof data === 'string' || isObject(data);
  if (!Array.isArray(data)) return false;
  if (type === ACK) return true;
  const name: unknown = data[0];
  return typeof name === 'number' || (typeof name === 'string' && RESERVED.indexOf(name) < 0);
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Frames of one connection → packets. Strict: whatever a correct server would not send is an error. */
export class Decoder {
  private maxAttachments: number;
  /** The binary packet whose attachments are still missing. */
  private partial: Packet | undefined;
  private missing = 0;
  private attachments: unknown[] = [];

  constructor(maxAttachments: number) {
    this.maxAttachments = maxAttachments;
  }

  /**
   * @returns the packet that is now whole, undefined while attachments are missing
   * @throws Error for what breaks the protocol; the decoder is of no use afterwards
   */
  add(frame: unknown): Packet | undefined {
    if (typeof frame === 'string') {
      if (this.partial) throw new Error('text between attachments');
      const packet = this.parse(frame);
      if (!this.missing) return packet;
      this.partial = packet;
      return undefined;
    }
    const packet = this.partial;
    if (!packet) throw new Error('binary without a packet');
    this.attachments.push(frame);
    if (--this.missing) return undefined;
    packet.data = restore(packet.data, this.attachments);
    this.partial = undefined;
    this.attachments = [];
    return packet;
  }

  private parse(text: string): Packet {
    let at = 1;
    let type = text.charCodeAt(0) - 48;
    if (!(type >= CONNECT && type <= BINARY_ACK)) throw new Error(`unknown packet type ${text.charAt(0)}`);
    if (type >= BINARY_EVENT) {
      type -= TO_BINARY;
      const dash = text.indexOf('-');
      const count = Number(text.slice(1, dash));
      if (dash < 0 || !Number.isInteger(count) || count < 0) throw new Error('Illegal attachments');
      if (count > this.maxAttachments) throw new Error('too many attachments');
      this.missing = count;
      at = dash + 1;
    }
    const packet: Packet = { type, nsp: '/' };
    if (text.charAt(at) === '/') {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      packet.nsp = text.slice(at, end);
      at = end + 1;
    }
    const idAt = at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at > idAt) packet.id = Number(text.slice(idAt, at));
    if (at < text.length) {
      packet.data = parseJson(text.slice(at));
      if (!isPayloadValid(type, packet.data)) throw new Error('invalid payload');
    }
    return packet;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (_) {
    return undefined;
  }
}
