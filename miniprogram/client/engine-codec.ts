/**
 * Engine.IO v4 over WebSocket alone: one packet a frame, a text frame begins with its type digit, a binary frame is
 * the payload of a message (Engine.IO protocol v4, "Packet encoding", "WebSocket").
 */
export type EnginePacket =
  | { type: 'message'; data: string | ArrayBuffer }
  | { type: 'open' | 'close' | 'ping' | 'pong' | 'upgrade' | 'noop'; data: string }
  /** No packet of this protocol. */
  | { type: 'error' };

const TYPES = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'] as const;

export type EnginePacketType = (typeof TYPES)[number];

/** The frame of a packet with text; binary messages are sent as they are. */
export const encodeEngine = (type: EnginePacketType, text: string): string => TYPES.indexOf(type) + text;

/** Whatever is not a string is taken for binary: see `binary.ts` for why nothing closer is asked. */
export function decodeEngine(frame: unknown): EnginePacket {
  if (typeof frame !== 'string') return { type: 'message', data: frame as ArrayBuffer };
  const type = TYPES[frame.charCodeAt(0) - 48];
  return type ? { type, data: frame.slice(1) } : { type: 'error' };
}

export interface Handshake {
  sid: string;
  /** Ms from one ping of the server to the next. */
  pingInterval: number;
  /** Ms that a ping may be late. */
  pingTimeout: number;
  /** Bytes; the server closes on a larger frame. 0: it did not say. */
  maxPayload: number;
}

const isMs = (value: unknown): boolean => typeof value === 'number' && value >= 0;

/** Reads the `open` packet. @returns undefined where it is not one */
export function parseHandshake(text: string): Handshake | undefined {
  try {
    const { sid, pingInterval, pingTimeout, maxPayload } = JSON.parse(text);
    if (typeof sid !== 'string' || !isMs(pingInterval) || !isMs(pingTimeout)) return undefined;
    return { sid, pingInterval, pingTimeout, maxPayload: maxPayload || 0 };
  } catch (_) {
    return undefined;
  }
}
