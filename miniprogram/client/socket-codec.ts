import { exactBuffer, isBinary } from './binary.ts';
import { MESSAGE, ZERO } from './engine-codec.ts';

/** Socket.IO protocol v5, "Packet types". */
export const CONNECT = 0;
export const DISCONNECT = 1;
export const EVENT = 2;
export const ACK = 3;
const CONNECT_ERROR = 4;
/** From EVENT and ACK to their binary forms, 5 and 6. */
const TO_BINARY = 3;

/** A packet of Socket.IO v5. */
export interface Packet {
  /** Binary events and acks are decoded to `EVENT` and `ACK`. */
  type: number;
  /** Name of the namespace. */
  nsp: string;
  /** Of an event that wants an acknowledgement, and of that acknowledgement. */
  id?: number | undefined;
  /** Event with its arguments, arguments of an acknowledgement, or what CONNECT carries. */
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
    // Not JSON.
  }
}

/** @throws Error for what a correct server would not send */
function invalid(): never {
  throw new Error('invalid packet');
}

/** A list or a record. */
type Items = Record<string | number, unknown>;

/** Puts what `change` makes of each item of a list or record into `target`. */
function fill(
  target: Items,
  source: Items,
  change: (item: unknown, attachments: never) => unknown,
  attachments: unknown[],
): Items {
  if (Array.isArray(source))
    for (let at = 0; at < source.length; at++) target[at] = change(source[at], attachments as never);
  else for (const key of Object.keys(source)) target[key] = change(source[key], attachments as never);
  return target;
}

/**
 * Takes binary values out, depth first, and leaves placeholders. The data of the caller is not changed.
 * @param plain its `toJSON` has been called
 */
function extract(value: unknown, attachments: ArrayBuffer[], plain?: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isBinary(value)) return { _placeholder: true, num: attachments.push(exactBuffer(value)) - 1 };
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function' && !plain) return extract(toJSON.call(value), attachments, true);
  return fill((Array.isArray(value) ? [] : {}) as Items, value as Items, extract, attachments);
}

/** One argument as JSON. What an event of audio consists of is written by hand: it is most of what is ever sent. */
const encodeItem = (item: unknown, attachments: ArrayBuffer[]): string =>
  Number.isFinite(item)
    ? `${item}`
    : isBinary(item)
      ? `{"_placeholder":true,"num":${attachments.push(exactBuffer(item)) - 1}}`
      : JSON.stringify(extract(item, attachments)) || 'null';

/**
 * @param attachments filled with the binary frames that must follow the text at once, in this order
 * @returns the text frame: the packet as an Engine.IO message
 * @throws TypeError for data that JSON cannot hold (cycles, BigInt)
 */
export function encodePacket(packet: Packet, attachments: ArrayBuffer[]): string {
  const { type, nsp, id = '', data } = packet;
  let json = '';
  if (Array.isArray(data)) {
    for (const item of data) json += (json ? ',' : '[') + encodeItem(item, attachments);
    json = `${json || '['}]`;
  } else if (data) json = JSON.stringify(data);
  const head = attachments.length ? `${type + TO_BINARY}${attachments.length}-` : type;
  return `${MESSAGE}${head}${nsp === '/' ? '' : `${nsp},`}${id}${json}`;
}

/** @throws Error where a placeholder names no attachment */
function restore(value: unknown, attachments: unknown[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { _placeholder, num } = value as { _placeholder?: unknown; num: number };
  if (_placeholder !== true) return fill(value as Items, value as Items, restore, attachments);
  if (typeof num !== 'number' || !(num in attachments)) invalid();
  return attachments[num];
}

function isPayloadValid(type: number, data: unknown): boolean {
  if (Array.isArray(data)) {
    const name: unknown = data[0];
    return (
      type === ACK ||
      (type === EVENT && (typeof name === 'number' || (typeof name === 'string' && !RESERVED.includes(name))))
    );
  }
  return typeof data === 'string'
    ? type === CONNECT_ERROR
    : typeof data === 'object' && data !== null && (type === CONNECT || type === CONNECT_ERROR);
}

const BINARY_ACK = ACK + TO_BINARY;
/** A packet with more is an error, as it is to the official server. */
const MAX_ATTACHMENTS = 10;
/** How a packet ends whose last argument is its first attachment. Parsing this text would take as long as the rest of the packet. */
const ENDING = '{"_placeholder":true,"num":0}]';

/**
 * Takes a frame of the server. Strict: whatever a correct server would not send is an error.
 * @returns the packet that is now whole, undefined while attachments are missing
 * @throws Error for what breaks the protocol; the decoder is of no use afterwards
 */
export type Decoder = (frame: unknown) => Packet | undefined;

/** For the frames of one connection. */
export function createDecoder(): Decoder {
  /** The packet whose attachments are still missing. */
  let partial: Packet | undefined;
  let missing = 0;
  let attachments: unknown[] = [];

  /** `4<type>[<attachments>-][<namespace>,][<id>][<JSON>]`; by hand, since a regular expression takes longer than the rest. */
  const parse = (text: string): Packet => {
    let at = 2;
    const number = (): number | undefined => {
      let value: number | undefined;
      let digit = text.charCodeAt(at) - ZERO;
      while (digit >= 0 && digit < 10) {
        value = (value || 0) * 10 + digit;
        digit = text.charCodeAt(++at) - ZERO;
      }
      return value;
    };
    let type = text.charCodeAt(1) - ZERO;
    if (!(type >= CONNECT && type <= BINARY_ACK)) invalid();
    const binary = type > CONNECT_ERROR;
    if (binary) {
      type -= TO_BINARY;
      missing = number() as number;
      if (!(missing <= MAX_ATTACHMENTS) || text[at++] !== '-') invalid();
    }
    let nsp = '/';
    if (text[at] === '/') {
      const end = text.indexOf(',', at) >>> 0;
      nsp = text.slice(at, end);
      at = end + 1;
    }
    const id = number();
    let data: unknown;
    if (at < text.length) {
      const short = binary && text.endsWith(ENDING);
      data = parseJson(short ? `${text.slice(at, -ENDING.length)}0]` : text.slice(at));
      if (short && data) (data as unknown[])[(data as unknown[]).length - 1] = { _placeholder: true, num: 0 };
      if (!isPayloadValid(type, data)) invalid();
    }
    return { type, nsp, id, data };
  };

  return (frame) => {
    const isText = typeof frame === 'string';
    if (isText === !!partial) invalid();
    if (isText) {
      partial = parse(frame);
      attachments = [];
    } else {
      attachments.push(frame);
      missing--;
    }
    if (missing) return undefined;
    const packet = partial as Packet;
    partial = undefined;
    if (!isText) packet.data = restore(packet.data, attachments);
    return packet;
  };
}
