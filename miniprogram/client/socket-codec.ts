import { exactBuffer, isBinary, tagOf } from './binary.ts';

/** Socket.IO protocol v5, "Packet types". */
export const CONNECT = 0;
export const DISCONNECT = 1;
export const EVENT = 2;
export const ACK = 3;
const CONNECT_ERROR = 4;
/** From EVENT and ACK to their binary forms, 5 and 6. */
const TO_BINARY = 3;

export interface Packet {
  /** Binary events and acks are decoded to `EVENT` and `ACK`. */
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

/** @returns undefined where the text is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (_) {
    return undefined;
  }
}

/** @throws Error for what a correct server would not send */
function invalid(): never {
  throw new Error('invalid packet');
}

/**
 * Takes binary values out, depth first, and leaves placeholders. The data of the caller is not changed.
 * @param plain its `toJSON` has been called
 */
function extract(value: unknown, attachments: ArrayBuffer[], plain?: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isBinary(value)) return { _placeholder: true, num: attachments.push(exactBuffer(value)) - 1 };
  const source = value as Record<string, unknown>;
  if (typeof source.toJSON === 'function' && !plain) return extract(source.toJSON(), attachments, true);
  if (Array.isArray(value)) return value.map((item) => extract(item, attachments));
  const copy: typeof source = {};
  for (const key of Object.keys(source)) copy[key] = extract(source[key], attachments);
  return copy;
}

/**
 * @param attachments filled with the binary frames that must follow the text at once, in this order
 * @returns the text of the packet
 * @throws TypeError for data that JSON cannot hold (cycles, BigInt)
 */
export function encodePacket(packet: Packet, attachments: ArrayBuffer[]): string {
  const { type, nsp, id = '', data } = packet;
  let json = '';
  if (Array.isArray(data)) {
    for (const item of data) json += `,${encodeItem(item, attachments)}`;
    json = `[${json.slice(1)}]`;
  } else if (data) json = JSON.stringify(data);
  const head = attachments.length ? `${type + TO_BINARY}${attachments.length}-` : type;
  return `${head}${nsp === '/' ? '' : `${nsp},`}${id}${json}`;
}

/** One argument as JSON. A placeholder is written by hand: frames of audio are most of what is ever sent. */
const encodeItem = (item: unknown, attachments: ArrayBuffer[]): string =>
  typeof item === 'object' && item && isBinary(item)
    ? `{"_placeholder":true,"num":${attachments.push(exactBuffer(item)) - 1}}`
    : JSON.stringify(extract(item, attachments)) || 'null';

/** @throws Error where a placeholder names no attachment */
function restore(value: unknown, attachments: unknown[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const target = value as Record<string, unknown>;
  if (target._placeholder === true) {
    const num = target.num as number;
    if (typeof num !== 'number' || !(num in attachments)) invalid();
    return attachments[num];
  }
  for (const key of Object.keys(target)) target[key] = restore(target[key], attachments);
  return value;
}

function isPayloadValid(type: number, data: unknown): boolean {
  const isList = Array.isArray(data);
  if (type === ACK) return isList;
  if (type === EVENT) {
    const name: unknown = isList && data[0];
    return typeof name === 'number' || (typeof name === 'string' && RESERVED.indexOf(name) < 0);
  }
  return (
    type !== DISCONNECT &&
    (tagOf(data) === '[object Object]' || (type === CONNECT_ERROR && typeof data === 'string'))
  );
}

/** A packet with more is an error, as it is to the official server. */
const MAX_ATTACHMENTS = 10;

/** Type, with the number of attachments for the binary ones; namespace; acknowledgement id. */
const HEADER = /^(?:[0-4]|[56](\d+)-)(?:(\/[^,]*),?)?(\d*)/;

/** Frames of one connection → packets. Strict: whatever a correct server would not send is an error. */
export class Decoder {
  /** The binary packet whose attachments are still missing. */
  private _partial: Packet | undefined;
  private _missing = 0;
  private _attachments: unknown[] = [];

  /**
   * @returns the packet that is now whole, undefined while attachments are missing
   * @throws Error for what breaks the protocol; the decoder is of no use afterwards
   */
  _add(frame: unknown): Packet | undefined {
    if (typeof frame === 'string') {
      if (this._partial) invalid();
      const packet = this._parse(frame);
      if (!this._missing) return packet;
      this._partial = packet;
      return undefined;
    }
    const packet = this._partial;
    if (!packet) invalid();
    this._attachments.push(frame);
    if (--this._missing) return undefined;
    packet.data = restore(packet.data, this._attachments);
    this._partial = undefined;
    this._attachments = [];
    return packet;
  }

  private _parse(text: string): Packet {
    const header = HEADER.exec(text);
    if (!header) invalid();
    const packet: Packet = { type: text.charCodeAt(0) - 48, nsp: header[2] || '/' };
    if (header[1]) {
      packet.type -= TO_BINARY;
      this._missing = Number(header[1]);
      if (this._missing > MAX_ATTACHMENTS) invalid();
    }
    if (header[3]) packet.id = Number(header[3]);
    const json = text.slice(header[0].length);
    if (json) {
      packet.data = parseJson(json);
      if (!isPayloadValid(packet.type, packet.data)) invalid();
    }
    return packet;
  }
}
